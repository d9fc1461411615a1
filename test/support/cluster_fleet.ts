import { ClusterHosts, ClusterWorker, MemoryBook, MemoryBudget, type ClusterBook } from "../../src/cluster/index.ts";
import { webMercatorQuad } from "../../src/grid/index.ts";
import { HostRegistry } from "../../src/net/index.ts";
import { openMemoryStore, type TileStore } from "../../src/store/index.ts";
import { checkFleet } from "./check_fleet.ts";
import { fakeDefinition, type SubmitOptions } from "./cluster.ts";
import { DatabaseLine } from "./database_line.ts";
import { EventClock } from "./event_clock.ts";
import { tileAnswer } from "./fake_source.ts";
import { FleetAudit } from "./fleet_audit.ts";
import { FleetOrigin } from "./fleet_origin.ts";
import { makeRandom } from "./make_random.ts";
import { WorkerClock } from "./worker_clock.ts";

export interface ClusterFleetOptions {
  /** Of the random generator: everything that happens follows from it. */
  readonly seed: number;
  readonly workers: number;
}

export interface FleetReport {
  /** Invariants that were broken; empty when all is well. */
  readonly faults: readonly string[];
  /** Written by the fleet. */
  readonly tiles: number;
  readonly fetches: number;
  /** Fetches that the host answered with an error. */
  readonly refused: number;
  /** Fetches of workers that were killed, cut off, paused or stopped, never written. */
  readonly lost: number;
  readonly kills: number;
  readonly cuts: number;
  /** Of the simulated time, s. */
  readonly seconds: number;
}

const HOUR_MS = 3_600_000;
/** Of the simulated time: far more than any seed takes. */
const MAX_MS = 2 * HOUR_MS;
const CACHE = "world";

export interface FleetMember {
  readonly name: string;
  readonly line: DatabaseLine;
  readonly clock: WorkerClock;
  readonly stop: AbortController;
  /** Killed or cut off once. */
  isTroubled: boolean;
  /** Told to stop while there was work: what it had under way is given up. */
  isStopped: boolean;
  isRunning: boolean;
}

/** A seed fetched by many workers of one process, with all that can happen to them. */
export class ClusterFleet {
  readonly clock = new EventClock();
  readonly random: () => number;
  readonly origin: FleetOrigin;
  readonly audit: FleetAudit;
  readonly tiles: TileStore;
  readonly book: ClusterBook;
  readonly members: FleetMember[] = [];
  readonly faults: string[] = [];
  readonly ratePerSecond: number;
  readonly submitted: SubmitOptions;
  /** Tiles that were there before. */
  before = { present: 0, empty: 0 };
  kills = 0;
  cuts = 0;
  readonly #size: number;
  readonly #budget: MemoryBudget;
  #isOver = false;

  constructor({ seed, workers }: ClusterFleetOptions) {
    const random = makeRandom(seed);
    this.random = random;
    this.#size = workers;
    this.origin = new FleetOrigin(this.clock, random);
    this.audit = new FleetAudit(this.origin, this.clock);
    this.tiles = openMemoryStore({ grid: webMercatorQuad() });
    const caches = new Map([[CACHE, this.audit.storeOf(this.tiles)]]);
    this.book = this.audit.bookOf(new MemoryBook({ caches, clock: this.clock, random }));
    this.#budget = new MemoryBudget({ clock: this.clock });
    this.ratePerSecond = 30 + Math.floor(100 * random());
    const blockTiles = 4 + Math.floor(20 * random());
    this.submitted = { zooms: random() < 0.5 ? [3, 4] : [4], blockTiles, cache: CACHE, retries: 5 };
  }

  async run(): Promise<FleetReport> {
    await this.#fillBefore();
    const { definition, planned } = fakeDefinition(this.submitted);
    const { id } = await this.book.submit(definition, planned);
    for (let i = 0; i < this.#size; i++) this.#start();
    this.#plan();
    let status = await this.#untilEnded(id);
    if (status && this.random() < 0.5 && (await this.book.retry(id)) > 0) status = await this.#untilEnded(id);
    if (!status) this.faults.push(`the seed has not ended within ${MAX_MS} ms`);
    this.#isOver = true;
    await this.#stopAll();
    return checkFleet(this, await this.book.getStatus(id));
  }

  async #fillBefore(): Promise<void> {
    for (let i = 0; i < 12; i++) {
      const tile = { z: 4, x: Math.floor(16 * this.random()), y: Math.floor(16 * this.random()) };
      if ((await this.tiles.find(tile)) !== null) continue;
      const data = tileAnswer(tile);
      if (this.origin.kindOf(tile) === "empty") {
        this.before.empty += 1;
        await this.tiles.putMany([{ kind: "empty", tile, fetchedAtMs: 0 }]);
      } else if (data.kind === "tile") {
        this.before.present += 1;
        await this.tiles.putMany([{ kind: "tile", tile, fetchedAtMs: 0, data: data.data }]);
      }
    }
  }

  async #untilEnded(id: string): Promise<boolean> {
    let isEnded = (await this.book.getSeed(id)).state === "ended";
    await using _listening = await this.book.listen((event) => {
      if (event?.kind === "state") void this.book.getSeed(id).then(({ state }) => (isEnded = state === "ended"));
    });
    return await this.clock.runUntil(() => isEnded, this.clock.monotonicMs() + MAX_MS);
  }

  #start(): void {
    const skewMs = (this.random() - 0.5) * 20 * HOUR_MS;
    const clock = new WorkerClock(this.clock, skewMs);
    const name = `w${this.members.length}`;
    const line = new DatabaseLine(this.clock, this.random);
    const member = {
      name,
      line,
      clock,
      stop: new AbortController(),
      isTroubled: false,
      isStopped: false,
      isRunning: true,
    };
    this.members.push(member);
    void this.#work(member, this.members.length - 1);
  }

  async #work(member: FleetMember, index: number): Promise<void> {
    const { name, line, clock, stop } = member;
    const { random } = this;
    const hosts = await ClusterHosts.open({ book: line.budgetOf(this.#budget), clock, random });
    const policy = { ratePerSecond: this.ratePerSecond };
    const registry = new HostRegistry({ clock, defaultPolicy: policy, shareHost: hosts.shareHost });
    const source = this.origin.sourceOf(name, index, [registry.get("origin:80")], clock);
    const openSource = (): Promise<typeof source> => Promise.resolve(source);
    const worker = new ClusterWorker({ book: line.bookOf(this.book), name, openSource, clock, random });
    try {
      await worker.run(stop.signal);
      if (!stop.signal.aborted) this.faults.push(`${name} has ended though nobody stopped it`);
    } catch (error) {
      // It could not begin: the line was cut.
      if (!member.isTroubled) this.faults.push(`${name} has failed: ${String(error)}`);
    }
    await hosts.close();
    member.isRunning = false;
  }

  /** Kills, cut lines, a restart of the database, workers that are stopped or come new, a pause: all at some time of the first minute. */
  #plan(): void {
    const some = (most: number): number => Math.floor(this.random() * (most + 1));
    this.#times(some(this.#size / 10) + 2, 30_000, () => this.#kill());
    this.#times(some(this.#size / 10), 30_000, () => this.#cut([this.#pick()], this.#cutMs()));
    this.#times(some(this.#size / 20), 30_000, () => this.#stop(this.#pick()));
    this.#times(some(this.#size / 10) + 2, 60_000, () => this.#start());
    this.#times(some(1), 20_000, () => this.#cut(this.members, 500 + 15_000 * this.random() ** 2, true));
    this.#times(some(1), 10_000, () => void this.#pause());
  }

  /** Often so long that the blocks are another's by then, and still in work. */
  #cutMs(): number {
    return this.random() < 0.5 ? 500 + 9500 * this.random() : 10_500 + 9500 * this.random();
  }

  #times(count: number, withinMs: number, happen: () => void): void {
    for (let i = 0; i < count; i++)
      this.clock.setTimer(() => (this.#isOver ? undefined : happen()), 100 + withinMs * this.random() ** 2);
  }

  /** One that works on a block, where possible: the others have nothing to lose. */
  #pick(): FleetMember | undefined {
    const { holders } = this.audit;
    const live = this.members.filter(({ line, stop }) => !line.isKilled && !stop.signal.aborted);
    const busy = live.filter(({ name }) => holders.has(name));
    const from = busy.length > 0 && this.random() < 0.8 ? busy : live;
    return from[Math.floor(this.random() * from.length)];
  }

  #kill(): void {
    const member = this.#pick();
    // Somebody has to be left.
    const living = this.members.filter(({ line, stop }) => !line.isKilled && !stop.signal.aborted);
    if (member === undefined || living.length < 2) return;
    member.line.isKilled = true;
    member.clock.isKilled = true;
    member.isTroubled = true;
    this.kills += 1;
  }

  #stop(member: FleetMember | undefined): void {
    if (member === undefined) return;
    member.isStopped = true;
    member.stop.abort();
  }

  #cut(members: readonly (FleetMember | undefined)[], forMs: number, isServerAway = false): void {
    const cut = members.filter((one) => one !== undefined && !one.line.isCut) as FleetMember[];
    for (const { line } of cut) Object.assign(line, { isServerAway });
    for (const member of cut) {
      member.line.cut();
      member.isTroubled = true;
    }
    this.cuts += 1;
    this.clock.setTimer(() => {
      for (const { line } of cut) {
        line.isServerAway = false;
        line.mend();
      }
    }, forMs);
  }

  async #pause(): Promise<void> {
    const [seed] = await this.book.listSeeds();
    if (seed?.state !== "running") return;
    await this.book.setState(seed.id, "paused");
    for (const member of this.members) member.isTroubled = true;
    this.clock.setTimer(() => void this.book.setState(seed.id, "running"), 1000 + 10_000 * this.random());
  }

  async #stopAll(): Promise<void> {
    for (const { stop } of this.members) stop.abort();
    const isOver = (): boolean => this.members.every(({ line, isRunning }) => line.isKilled || !isRunning);
    if (await this.clock.runUntil(isOver, this.clock.monotonicMs() + 600_000)) return;
    const left = this.members.filter(({ line, isRunning }) => isRunning && !line.isKilled);
    this.faults.push(`${left.map(({ name }) => name).join(", ")} did not stop`);
  }
}

/** One run; the same for the same options. */
export function runClusterFleet(options: ClusterFleetOptions): Promise<FleetReport> {
  return new ClusterFleet(options).run();
}
