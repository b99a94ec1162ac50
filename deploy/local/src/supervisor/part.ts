import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { InstallationFault } from '../fault.js';
import { endRemains, type Remains } from './remains.js';
import { countFailure, RESTART, restartDelayMs } from './restart-policy.js';

/** One process that the supervisor keeps alive. */
export interface PartSpec {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly logFile: string;
  /** `message`: the process sends `{ ready: true }` to its parent; otherwise asked until it answers true. */
  readonly ready: 'message' | (() => Promise<boolean>);
  readonly stopSignal: NodeJS.Signals;
  /** What it gives way to others by, as nice(1) counts; 0 when absent. Processes that it starts inherit it. */
  readonly niceness?: number;
  /** Processes that it leaves behind when it is killed, and that would be in the way of the next start; none when absent. */
  readonly remains?: Remains;
}

/** What the supervisor hears about its parts. */
export interface PartEvents {
  tell(line: string): void;
  /** The process of a part has started or ended (`undefined`). */
  process(name: string, pid: number | undefined): Promise<void>;
}

/** A log larger than this is put aside at the next start of its part. */
const LOG_BYTES = 20 * 1024 * 1024;
const TAIL_LINES = 12;
/** Lines: what happened, and what to do. */
const LAST_WORDS = 2;
const LAST_WORDS_CHARACTERS = 300;

/** Starts a process, notices when it is ready, brings it back when it dies, stops it. */
export class Part {
  #child: ChildProcess | undefined;
  #stopping = false;
  #failures = 0;
  #loop: Promise<void> | undefined;

  constructor(private readonly spec: PartSpec, private readonly events: PartEvents) {}

  get name(): string {
    return this.spec.name;
  }

  /** Resolves when the part is ready for the first time. Faults when it fails again and again before that. */
  async start(): Promise<void> {
    while (!this.#stopping) {
      await this.#clear();
      const ended = this.#launch();
      const outcome = await this.#becomeReady(ended);
      if (outcome === 'ready') {
        this.#loop = this.#keepAlive(ended, Date.now());
        return;
      }
      this.#failures += 1;
      if (this.#failures >= RESTART.firstStartFailures) throw await this.#givenUp(outcome);
      await sleep(restartDelayMs(this.#failures));
    }
  }

  /** Asks the process to end and kills it when it does not in time. No restart follows. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await this.#end(child);
    await this.#clear();
    await this.#loop;
  }

  async #keepAlive(ended: Promise<string>, readyAt: number): Promise<void> {
    let since = readyAt;
    let current = ended;
    for (;;) {
      const why = await current;
      if (this.#stopping) return;
      this.#failures = countFailure(this.#failures, Date.now() - since);
      const delayMs = restartDelayMs(this.#failures);
      this.events.tell(`${this.name} ended (${await this.#withLastWords(why)}); starting it again in ${delayMs} ms. Log: ${this.spec.logFile}`);
      await sleep(delayMs);
      if (!this.#stopping) await this.#clear();
      if (this.#stopping) return;
      const begun = Date.now();
      current = this.#launch();
      if ((await this.#becomeReady(current)) === 'ready') this.events.tell(`${this.name} is back after ${((Date.now() - begun + delayMs) / 1000).toFixed(1)} s`);
      since = Date.now();
    }
  }

  /** Ends what a killed process left behind. */
  async #clear(): Promise<void> {
    const { remains, program } = this.spec;
    const ended = remains === undefined ? 0 : await endRemains(program, remains);
    if (ended > 0) this.events.tell(`${this.name} had left ${ended} processes behind; they are killed`);
  }

  /** Answers why the process ended, when it has. */
  #launch(): Promise<string> {
    const { program, args, env, cwd, uid, gid } = this.spec;
    const log = openLog(this.spec.logFile);
    // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
    const child = spawn(program, args, {
      env, detached: true, stdio: this.spec.ready === 'message' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      ...(cwd === undefined ? {} : { cwd }), ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }),
    });
    closeSync(log);
    this.#child = child;
    if (child.pid !== undefined) this.#started(child.pid);
    return new Promise((resolve) => {
      child.once('error', (fault) => resolve(`could not be started: ${fault.message}`));
      child.once('exit', (code, signal) => void this.events.process(this.name, undefined).finally(() => resolve(signal ?? `exit code ${code}`)));
    });
  }

  #started(pid: number): void {
    void this.events.process(this.name, pid);
    const { niceness = 0 } = this.spec;
    if (niceness !== 0) setPriority(pid, niceness);
  }

  /** `ready`, or why it did not become so. */
  async #becomeReady(ended: Promise<string>): Promise<string> {
    const child = this.#child;
    const waiting = new AbortController();
    const late = sleep(RESTART.readyMs, 'late', { signal: waiting.signal }).catch(() => 'late');
    const outcome = await Promise.race([ended, late, this.#readiness(waiting.signal)]);
    waiting.abort();
    if (outcome !== 'late' || child === undefined) return outcome;
    await this.#end(child);
    return `not ready after ${RESTART.readyMs / 1000} s`;
  }

  async #readiness(signal: AbortSignal): Promise<string> {
    const { ready } = this.spec;
    if (ready === 'message') return new Promise((resolve) => this.#child?.once('message', () => resolve('ready')));
    while (!signal.aborted) {
      if (await ready().catch(() => false)) return 'ready';
      await sleep(RESTART.pollMs);
    }
    return 'late';
  }

  async #end(child: ChildProcess): Promise<void> {
    const ended = new Promise<true>((resolve) => child.once('exit', () => resolve(true)));
    child.kill(this.spec.stopSignal);
    const killer = setTimeout(() => {
      this.events.tell(`${this.name} did not end within ${RESTART.stopMs / 1000} s and is killed`);
      child.kill('SIGKILL');
    }, RESTART.stopMs);
    await ended;
    clearTimeout(killer);
  }

  /** What a process that failed said last mostly says why; one that was killed had no time to, and lines in JSON are of its ordinary work. */
  async #withLastWords(why: string): Promise<string> {
    if (why.startsWith('SIG')) return why;
    const said = (await this.#tail(LAST_WORDS)).filter((line) => line !== '' && !line.startsWith('{')).join(' ');
    return said === '' ? why : `${why}: ${said.slice(0, LAST_WORDS_CHARACTERS)}`;
  }

  async #tail(lines: number): Promise<string[]> {
    const log = await readFile(this.spec.logFile, 'utf8').catch(() => '');
    return log.trimEnd().split('\n').slice(-lines);
  }

  async #givenUp(why: string): Promise<InstallationFault> {
    const tail = (await this.#tail(TAIL_LINES)).map((line) => `    ${line}`).join('\n');
    return new InstallationFault(`${this.name} does not start (${why}). The end of its log:\n${tail}`, `The whole log: ${this.spec.logFile}`);
  }
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}
