// The parts of a bot that take time to open, started together: each in a thread of its own for trading in real time, all in
// this thread for virtual time. The only place that chooses.

import type { SandboxHost } from "../../engine/decide/port.ts";
import type { Rehearsal } from "../../engine/rehearsal/port.ts";
import { RehearsalThread } from "../../engine/rehearsal/rehearsal-thread.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { WorkerHost } from "../../engine/sandbox/worker-host.ts";
import type { Store, StoreListener } from "../../engine/store/port.ts";
import { StoreThread } from "../../engine/store/store-thread.ts";
import type { TypeCheck, Workshop } from "../../engine/versions/port.ts";
import { TypesThread } from "../../engine/versions/types-thread.ts";
import type { WorkshopOptions } from "../../engine/versions/workshop.ts";
import { WorkshopThread } from "../../engine/versions/workshop-thread.ts";
import type { RunOptions } from "../run-options.ts";

interface Closable {
  close(): Promise<void>;
}

export class Opening {
  readonly isVirtual: boolean;
  readonly store: Promise<Store>;
  readonly host: Promise<SandboxHost>;
  readonly workshop: Promise<Workshop>;
  readonly types: Promise<TypeCheck>;
  readonly rehearsal: Promise<Rehearsal>;
  /** Threads and files to let go of, whatever the end: they would keep the process alive. */
  readonly #closers: (() => Promise<void>)[] = [];
  #listener: StoreListener | null = null;

  constructor(dir: string, { engine, strategies }: RunOptions, isVirtual: boolean) {
    this.isVirtual = isVirtual;
    const listener: StoreListener = {
      durable: (seq, head) => this.#listener?.durable(seq, head),
      failed: (failure) => this.#listener?.failed(failure),
    };
    const workshopOptions = { engine, strategiesDir: strategies, dataDir: dir };
    this.store = this.#opened(isVirtual ? storeHere(dir, listener) : StoreThread.open({ dir }, listener));
    this.workshop = this.#opened(
      isVirtual ? workshopHere(workshopOptions) : Promise.resolve(new WorkshopThread(workshopOptions)),
    );
    this.types = this.#opened(isVirtual ? typesHere() : Promise.resolve(new TypesThread()));
    const rehearsalOptions = { dir, engine };
    this.rehearsal = this.#opened(
      isVirtual ? rehearsalHere(rehearsalOptions) : Promise.resolve(new RehearsalThread(rehearsalOptions)),
    );
    this.host = this.#opened(isVirtual ? hostHere(engine) : WorkerHost.create(engine));
  }

  /** Who is told what became durable, once there is somebody to tell. */
  listen(listener: StoreListener): void {
    this.#listener = listener;
  }

  keep<Part extends Closable>(part: Part): Part {
    this.#closers.push(() => part.close());
    return part;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.splice(0).map((close) => close()));
  }

  /** A part that is still opening when another one fails is closed all the same. */
  #opened<Part extends Closable>(opening: Promise<Part>): Promise<Part> {
    this.#closers.push(async () => (await opening).close());
    opening.catch(() => {}); // Whoever awaits it hears of it.
    return opening;
  }
}

async function storeHere(dir: string, listener: StoreListener): Promise<Store> {
  const { GROUP_COMMITS_MAX, InThreadStore } = await import("../../engine/store/in-thread-store.ts");
  return new InThreadStore({ dir, groupCommits: GROUP_COMMITS_MAX }, listener);
}

async function workshopHere(options: WorkshopOptions): Promise<Workshop> {
  const { InThreadWorkshop } = await import("../../engine/versions/workshop.ts");
  return new InThreadWorkshop(options);
}

async function hostHere(variant: EngineVariant): Promise<SandboxHost> {
  const { InThreadHost } = await import("../../engine/sandbox/in-thread-host.ts");
  return InThreadHost.create({ variant });
}

async function typesHere(): Promise<TypeCheck> {
  const { InThreadTypes } = await import("../../engine/versions/in-thread-types.ts");
  return new InThreadTypes();
}

async function rehearsalHere(options: { readonly dir: string; readonly engine: EngineVariant }): Promise<Rehearsal> {
  const { InThreadRehearsal } = await import("../../engine/rehearsal/in-thread-rehearsal.ts");
  return new InThreadRehearsal(options);
}
