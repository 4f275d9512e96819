// Rules of steering: control files count up, a command is obeyed once, and no entry is made against a latch.
import { type Evidence, type Invariant, type SqlRule, Tally } from "../invariant.ts";

interface Control {
  readonly version: number;
  readonly content: string;
  readonly appliedCycle: number;
  readonly atMs: number;
}

interface Content {
  readonly version?: unknown;
  readonly commands?: readonly { readonly id: string; readonly kind: string }[];
}

/** Rows come in the order of their version: cycles and times must come in that order too. */
export function controlsStrictlyIncreasing({ db }: Evidence): Invariant {
  const tally = new Tally({
    id: "controls-strictly-increasing",
    name: "a control file of a higher version was applied later, and is of that version",
  });
  let before: Control | null = null;
  for (const control of controlsOf(db)) {
    const { version, content, appliedCycle, atMs } = control;
    const isLater = before === null || (appliedCycle >= before.appliedCycle && atMs >= before.atMs);
    const said = contentOf(content)?.version;
    if (!isLater)
      tally.see(`version ${version} was applied in cycle ${appliedCycle}, before version ${before!.version}`);
    else tally.see(said === version ? null : `version ${version} says that it is version ${said}`);
    before = control;
  }
  return tally.end();
}

export function commandOnce({ db }: Evidence): Invariant {
  const tally = new Tally({
    id: "command-once",
    name: "each command took effect once, with the first control file that named it, and nobody else commanded",
  });
  const done = new Map(
    db
      .prepare("SELECT id, kind, cycle FROM commands")
      .all()
      .map(({ id, kind, cycle }) => [String(id), { kind: String(kind), cycle: Number(cycle) }]),
  );
  const named = new Set<string>();
  for (const { version, content, appliedCycle } of controlsOf(db)) {
    for (const { id, kind } of contentOf(content)?.commands ?? []) {
      if (named.has(id)) continue;
      named.add(id);
      const effect = done.get(id);
      if (effect === undefined) tally.see(`${id} (${kind}) of version ${version} had no effect`);
      else {
        const isSame = effect.kind === kind && effect.cycle === appliedCycle;
        tally.see(
          isSame
            ? null
            : `${id} (${kind}) of cycle ${appliedCycle} took effect as ${effect.kind} in cycle ${effect.cycle}`,
        );
      }
    }
  }
  for (const [id, { kind }] of done) if (!named.has(id)) tally.see(`${id} (${kind}) is in no control file`);
  return tally.end();
}

const controlsOf = (db: Evidence["db"]): Control[] =>
  db
    .prepare("SELECT version, content, applied_cycle AS appliedCycle, at_ms AS atMs FROM controls ORDER BY version")
    .all() as unknown as Control[];

function contentOf(text: string): Content | null {
  try {
    return JSON.parse(text) as Content | null;
  } catch {
    return null;
  }
}

/** The last standing of each latch; the journal knows the ones before. */
export const entriesRespectLatches: SqlRule = {
  id: "entries-respect-latches",
  name: "no entry was made while a latch held entries back",
  checked: `SELECT count(*) FROM orders WHERE leg = 'entry' AND status <> 'Denied'
    AND created_at_ms >= $from AND created_at_ms < $to`,
  wrong: `SELECT printf('%s was made at %d, %s stood since %d', o.client_order_id, o.created_at_ms, l.kind, l.since_ms) AS what
    FROM latches l JOIN orders o ON o.leg = 'entry' AND o.status <> 'Denied' AND o.created_at_ms > l.since_ms
      AND o.created_at_ms < coalesce(l.cleared_ms, 9e15)
    WHERE l.mode <> 'active' AND o.created_at_ms >= $from AND o.created_at_ms < $to`,
};
