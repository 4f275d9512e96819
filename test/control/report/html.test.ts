import { describe, expect, test } from "vitest";
import { renderReport } from "../../../control/report/html.ts";
import type { Report } from "../../../control/report/report.ts";
import type { CodeVersion } from "../../../engine/base/ids.ts";
import { brokenAudit, exampleReport, firstHour, manyEdits, noTrades, soundAudit, spot } from "./html-examples.ts";

const EMPTY: ReadonlySet<string> = new Set(["meta", "br", "path", "circle", "rect", "line", "use"]);
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*(\/?)>/g;

/** What is left of the page without its tags and style. Throws where a tag is not closed by its own end. */
function textOf(page: string): string {
  const open: string[] = [];
  const body = page.replace("<!doctype html>", "").replace(/<style>[^<]*<\/style>/, "");
  const text = body.replaceAll(TAG, (tag, slash: string, name: string, _: string, isEmpty: string) => {
    if (slash === "/") {
      const last = open.pop();
      if (last !== name) throw new Error(`${tag} closes ${last}`);
    } else if (isEmpty === "" && !EMPTY.has(name)) open.push(name);
    return "\n";
  });
  if (open.length > 0) throw new Error(`Never closed: ${open.join(" ")}`);
  if (/[<>]/.test(text)) throw new Error(`No tag and no text: ${/.{0,40}[<>].{0,40}/.exec(text)?.[0]}`);
  return text;
}

/** Sections, by their heading. */
const sectionOf = (page: string, heading: string): string => {
  const start = page.indexOf(`<h2><span>${heading}`);
  expect(start, heading).toBeGreaterThan(0);
  return page.slice(start, page.indexOf("</section>", start));
};

const big = exampleReport({ versions: 40, trades: 5_003, hours: 24 * 30 });
const pages = {
  "a first hour": renderReport(firstHour(), soundAudit),
  "many edits": renderReport(manyEdits(), soundAudit),
  "broken invariants": renderReport(manyEdits(), brokenAudit),
  "no trades": renderReport(noTrades()),
  "spot trades": renderReport(spot()),
  "three strategies": renderReport(
    exampleReport({ strategies: ["momentum", "regime", "overreaction"], versions: 4, trades: 90, hours: 9_600 }),
  ),
  "more trades than it shows": renderReport(big),
};

describe.each(Object.entries(pages))("a page of %s", (_, page) => {
  test("closes what it opens, and refers to nothing that is not in it", () => {
    textOf(page);
    const references = [...page.matchAll(/\s(?:href|src|srcset|data|action)="([^"]*)"/g)].map(([, to]) => to!);
    expect(references.filter((to) => !to.startsWith("#"))).toEqual([]);
    for (const to of new Set(references)) expect(page).toContain(`id="${to.slice(1)}"`);
    for (const [url] of page.matchAll(/url\([^)]{0,30}/g)) expect(url).toMatch(/^url\(data:font\/woff2;base64,d09GMg/);
  });

  test("runs nothing and fetches nothing, and tells the browser so", () => {
    expect(page).not.toMatch(/<script|\son[a-z]+="|https?:|@import/i);
    expect(page).toContain(
      "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:".replaceAll("'", "&#39;"),
    );
  });

  test("has no number that is none", () => {
    expect(page.replace(/<style>[^<]*/, "")).not.toMatch(/NaN|Infinity|undefined|null|\[object/);
  });

  test("reads its charts out in a line each", () => {
    const charts = [...page.matchAll(/<svg[^>]*role="img"[^>]*>/g)].map(([tag]) => tag);
    expect(charts.length).toBeGreaterThanOrEqual(2);
    for (const chart of charts) expect(chart).toMatch(/aria-label="[^"]{20,}"/);
  });
});

test("the same report gives the same bytes", () => {
  expect(renderReport(manyEdits(), soundAudit)).toBe(pages["many edits"]);
});

test("every version is named, with its hash, and drawn in its hue", () => {
  const table = sectionOf(pages["many edits"], "What each version earned");
  for (const { ordinal, code } of manyEdits().versions) {
    expect(table).toContain(`class="v${((ordinal - 1) % 6) + 1}" width="16" height="12"/></svg><b>v${ordinal}</b>`);
    expect(table).toContain(`<td>${code.slice(0, 8)}</td>`);
  }
});

test("a flag has the hue of the ordinal and the pattern of the hash", () => {
  const marked = (ordinal: number, code: string): string =>
    renderReport({
      ...firstHour(),
      versions: firstHour().versions.map((v) => ({ ...v, ordinal, code: code as CodeVersion })),
    });
  expect(sectionOf(marked(14, "3f9a2c1e"), "What each")).toContain('href="#p3" class="v2"'); // 0x3f = 63
  expect(sectionOf(marked(6, "ff00"), "What each")).toContain('href="#p5" class="v6"');
  expect(sectionOf(marked(7, "0a00"), "What each")).toContain('href="#p0" class="v1"');
});

test("what a report quotes stays text", () => {
  const evil = `"><script>alert('x')</script>&amp;\u0000\ud800`;
  const { trades, versions, seams, ...rest } = firstHour();
  const report: Report = {
    ...rest,
    title: `title ${evil}`,
    notes: [`note ${evil}`],
    trades: trades.map((trade) => ({
      ...trade,
      slot: `slot ${evil}`,
      reason: `reason ${evil}`,
      decision: `decision ${evil}`,
    })),
    versions: versions.map((version) => ({ ...version, strategy: `strategy ${evil}` })),
    seams: seams.map((seam) => ({
      ...seam,
      slots: [evil],
      receipt: `receipt ${evil}`,
      approvedBy: `approver ${evil}`,
    })),
  };
  const page = renderReport(report, {
    invariants: [{ id: `id ${evil}`, name: `name ${evil}`, checked: 1, violations: 1, examples: [`example ${evil}`] }],
    chain: { ok: false, rows: 1, head: null, firstBad: { seq: 1, cycle: null, atMs: null, what: `what ${evil}` } },
    notes: [`audit ${evil}`],
  });
  const text = textOf(page);
  expect(page).not.toContain("<script");
  const quoted = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;\ufffd\ufffd";
  for (const what of ["title", "Note", "slot", "reason", "decision", "strategy", "receipt", "approver"]) {
    expect(text).toContain(`${what} ${quoted}`);
  }
  for (const what of ["id", "name", "example", "what", "Audit"]) expect(text).toContain(`${what} ${quoted}`);
});

test("five thousand trades fit into 3 MB, and the page says how many it left out", () => {
  const page = pages["more trades than it shows"];
  expect(Buffer.byteLength(page)).toBeLessThan(3_000_000);
  expect(page).toContain("These are the newest 5,000; 3 older trades left out. The CSV has all 5,003.");
  const rows = sectionOf(page, "Trades").split('<tr><th scope="row">').slice(1);
  expect(rows).toHaveLength(5_000);
  expect(rows[0]).toContain(big.trades.at(-1)!.decision);
  expect(rows.at(-1)).toContain(big.trades[3]!.decision);
});

test("what colour says, words say too", () => {
  const [trade, ...others] = firstHour().trades;
  const report: Report = {
    ...firstHour(),
    trades: [
      { ...trade!, side: "up", outcome: "up", pnlMicros: 13_070_000 },
      { ...trade!, side: "down", outcome: "up", pnlMicros: -20_000_000, probability: null },
      { ...trade!, outcome: "sold" },
      { ...trade!, outcome: "void" },
      { ...trade!, outcome: null, closedAtMs: null },
      ...others,
    ],
  };
  const rows = sectionOf(renderReport(report), "Trades")
    .split("<tr>")
    .slice(-others.length - 5);
  const cells = rows.map((row) => row.replaceAll(/<[^>]+>/g, "|"));
  expect(cells.map((row) => /\| (Up|Down)\|/.exec(row)![1])).toContain("Down");
  expect(cells.at(-1)).toMatch(/\| Up\|.*\|won\|.*\|\+13\.07\|/);
  expect(cells.at(-2)).toMatch(/\| Down\|.*\|–\|\|lost\|.*\|−20\.00\|/);
  expect(cells.at(-3)).toContain("|sold|");
  expect(cells.at(-4)).toContain("|void|");
  expect(cells.at(-5)).toMatch(/\|open\|.*\|–\|/);
  expect(rows.at(-1)).toContain('<td class="gain">+13.07');
  expect(rows.at(-2)).toContain('<td class="loss">−20.00');
});

test("violations come first on the page; without any, nothing asks for attention", () => {
  const broken = pages["broken invariants"];
  expect(broken.indexOf("A position is closed by the code that opened it: 7 violations")).toBeLessThan(
    broken.indexOf("<h1>"),
  );
  expect(broken).toContain("and 5 more");
  expect(broken).toContain("row 17 of 86,400 at cycle 16, 2026-06-08 00:00:16: its hash is not that of its content.");
  expect(broken).toContain("<b>7 violations of 1 invariant, the journal is broken at row 17.</b>");
  const sound = pages["many edits"];
  expect(sound).toContain("<b>4 invariants checked and held, the journal is whole.</b>");
  expect(sound).not.toMatch(/class="(act|crit)"/);
  expect(sectionOf(sound, "Invariants").match(/>holds</g)).toHaveLength(4);
});

test("the sentence says what it came to, over what, and whether that says anything", () => {
  const { total } = manyEdits();
  const sentence = (figures: Partial<Report["total"]>, report: Report = manyEdits()): string =>
    /<div class="say">.*?<p>(.*?)<\/p>/s
      .exec(renderReport({ ...report, total: { ...total, ...figures } }))![1]!
      .replaceAll(/<[^>]+>/g, "");
  const figures = { trades: 247, pnlMicros: -3_100_000, winRate: { rate: 0.583, low: 0.521, high: 0.643 } };
  const came =
    "247 trades of 12 versions came to −3.10 USDC, fees paid, from 2026-06-08 00:00 to 2026-06-11 00:00 UTC.";
  expect(sentence({ ...figures, needs: 0.549 })).toBe(
    `${came} 58.3\u00a0% won where 54.9\u00a0% were needed, too close for 247 trades to tell apart.`,
  );
  expect(sentence({ ...figures, needs: 0.5 })).toBe(`${came} 58.3\u00a0% won where 50.0\u00a0% were needed.`);
  expect(sentence({ ...figures, needs: null })).toBe(`${came} 58.3\u00a0% made money.`);
  expect(sentence({ ...figures, trades: 19 })).toContain("Too few for a win rate.");
  expect(sentence({}, { ...manyEdits(), faults: 2 })).toContain(" 2 faults in 2,073,600 decisions.");
  expect(pages["no trades"]).toContain(
    "No trade was closed in 86,400 cycles from 2026-06-08 00:00 to 2026-06-09 00:00 UTC.",
  );
});

test("a win rate has its n, its interval and what it needs; under 20 trades there is none", () => {
  const { total } = manyEdits();
  const row = (figures: Partial<Report["total"]>): string =>
    /Win rate, 95 %.*?<\/dd>/s
      .exec(renderReport({ ...manyEdits(), total: { ...total, ...figures } }))![0]
      .replaceAll(/<[^>]+>/g, "");
  const winRate = { rate: 0.583, low: 0.521, high: 0.643 };
  expect(row({ trades: 247, winRate, needs: 0.549 })).toBe("Win rate, 95 %58.3\u00a0% 52.1 to 64.3, n 247, needs 54.9");
  expect(row({ trades: 19, winRate, needs: null })).toBe("Win rate, 95 %too few n 19");
});

test("calibration is shown where probabilities were stated, for the total and at most six versions", () => {
  expect(sectionOf(pages["many edits"], "Stated probability").match(/<figure>/g)).toHaveLength(7);
  expect(sectionOf(pages["many edits"], "Stated probability")).toContain("6 more are in the total");
  expect(pages["spot trades"]).not.toContain("Stated probability");
});

test("notes stand right under the sentence, an audit's after the report's own", () => {
  expect(pages["broken invariants"]).toMatch(
    /<\/p>\s*<ul><li>Quotes are modelled: nobody&#39;s order book was recorded\.<\/li><li>3 rows of before/,
  );
});
