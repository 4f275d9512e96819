// Against a real server: one that fails, one that hangs, one that is not there.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import { AlarmWebhook, WAITING_MAX, type WebhookPace } from "../../control/alarm-webhook.ts";
import type { AlarmRow } from "../../engine/store/tables.ts";

const QUICK: WebhookPace = { answerMsMax: 2_000, backoffMs: 1, closeMsMax: 60_000 };

const alarm = (id: number, clearedMs: number | null = null): AlarmRow => ({
  id,
  kind: "stale-feed",
  severity: "warning",
  scope: `asset-${id}`,
  message: "No price",
  cycle: 7,
  atMs: Date.UTC(2026, 0, 1, 12),
  clearedMs,
  acknowledgedMs: null,
});

type Answer = (response: ServerResponse, call: number) => void;

/** Keeps what it is sent, and answers as it is told. */
async function listen(answer: Answer = (response) => response.end()) {
  const received: { readonly [field: string]: unknown }[] = [];
  const server: Server = createServer(async (request: IncomingMessage, response) => {
    received.push({ ...(JSON.parse(await text(request)) as object), type: request.headers["content-type"] });
    answer(response, received.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  onTestFinished(async () => void (await close()));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    scopes: () => received.map(({ scope }) => scope),
    address: `http://127.0.0.1:${port}/hook?key=s`,
    close,
  };
}

function webhook(address: () => string | null, pace: Partial<WebhookPace> = {}) {
  const log: string[] = [];
  const warn = (_: unknown, message: string) => void log.push(message);
  const bot = { dir: ".underway", pid: 7 };
  const sink = new AlarmWebhook({ address, bot, log: { warn }, pace: { ...QUICK, ...pace } });
  onTestFinished(() => sink.close());
  return { sink, log };
}

test("an alarm is posted as JSON when it opens and when it clears, with who says so", async () => {
  const { received, address } = await listen();
  const { sink, log } = webhook(() => address);
  sink.post(alarm(1));
  sink.post(alarm(1, Date.UTC(2026, 0, 1, 12, 5)));
  await sink.close();
  const opened = {
    type: "application/json",
    kind: "stale-feed",
    severity: "warning",
    scope: "asset-1",
    message: "No price",
    cycle: 7,
    at: "2026-01-01T12:00:00.000Z",
    cleared: null,
    bot: { dir: ".underway", pid: 7 },
  };
  expect(received).toEqual([opened, { ...opened, cleared: "2026-01-01T12:05:00.000Z" }]);
  expect(log).toEqual([]);
});

test("a server that fails twice has it at the third try, and what follows after it", async () => {
  const { scopes, address } = await listen((response, call) => {
    response.statusCode = call <= 2 ? 503 : 204;
    response.end();
  });
  const { sink, log } = webhook(() => address);
  for (const id of [1, 2, 3]) sink.post(alarm(id));
  await sink.close();
  expect(scopes()).toEqual(["asset-1", "asset-1", "asset-1", "asset-2", "asset-3"]);
  expect(log).toEqual([]);
});

test("a server that refuses is given up after three tries, which is logged without the secrets of its address", async () => {
  const { scopes, address } = await listen((response, call) => {
    response.statusCode = call <= 3 ? 302 : 200;
    response.setHeader("location", "/elsewhere");
    response.end();
  });
  const { sink, log } = webhook(() => address);
  for (const id of [1, 2]) sink.post(alarm(id));
  await sink.close();
  expect(scopes()).toEqual(["asset-1", "asset-1", "asset-1", "asset-2"]);
  expect(log).toEqual([`Cannot post alarm stale-feed (asset-1) to ${new URL(address).host}: it answered 302`]);
});

test("a server that hangs is given up, and the next alarm is posted", async () => {
  const { scopes, address } = await listen((response, call) => void (call > 3 && response.end()));
  const { sink, log } = webhook(() => address, { answerMsMax: 100 });
  for (const id of [1, 2]) sink.post(alarm(id));
  await sink.close();
  expect(scopes()).toEqual(["asset-1", "asset-1", "asset-1", "asset-2"]);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/stale-feed \(asset-1\) to .*: no answer within 100 ms$/);
});

test("a server that is not there is logged a few times, not for each alarm", async () => {
  const { address, close } = await listen();
  await close();
  const { sink, log } = webhook(() => address);
  for (let id = 1; id <= 10; id++) sink.post(alarm(id));
  await sink.close();
  expect(log).toHaveLength(3);
  expect(log[0]).toMatch(/^Cannot post alarm stale-feed \(asset-1\) to 127.0.0.1:\d+: connect ECONNREFUSED/);
});

test("the address is followed: what waits goes to the new one, and nowhere without one", async () => {
  let address: string | null = null;
  const after = await listen((response, call) => {
    if (call === 2) address = null;
    response.end();
  });
  const before = await listen((response) => {
    address = after.address;
    response.writeHead(500).end();
  });
  const { sink, log } = webhook(() => address);
  sink.post(alarm(0));
  address = before.address;
  for (const id of [1, 2, 3]) sink.post(alarm(id));
  await sink.close();
  expect([before.scopes(), after.scopes()]).toEqual([["asset-1"], ["asset-1", "asset-2"]]);
  expect(log).toEqual([]);
});

test("of more than may wait the oldest are dropped, counted, and said twice: at the first and at the end", async () => {
  const { scopes, address } = await listen();
  const { sink, log } = webhook(() => address);
  for (let id = 0; id <= WAITING_MAX + 3; id++) sink.post(alarm(id));
  expect(log).toEqual(["More than 100 alarms wait to be posted: the oldest are dropped"]);
  await vi.waitFor(() => expect(log[1]).toBe("3 alarms were not posted: more than 100 waited"), 10_000);
  sink.post(alarm(200));
  await sink.close();
  const kept = Array.from({ length: WAITING_MAX }, (_, n) => `asset-${n + 4}`);
  expect(scopes()).toEqual(["asset-0", ...kept, "asset-200"]);
});

test("an orderly end waits for what is on its way, but not for ever, and takes nothing more", async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const { scopes, address } = await listen(() => arrive());
  const { sink } = webhook(() => address, { answerMsMax: 60_000, closeMsMax: 50 });
  for (const id of [1, 2]) sink.post(alarm(id));
  await arrived;
  await sink.close();
  sink.post(alarm(3));
  await sink.close();
  expect(scopes()).toEqual(["asset-1"]);
});
