import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** Exit code; 127 when the program could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** After this the program is killed and the result says so. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end. Never rejects: a program that cannot start is code 127 with the reason in `stderr`. */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const { input, timeoutMs = 300_000, ...spawnOptions } = options;
    const child = spawn(program, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const finish = (code: number, extra = ''): void => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() + extra });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish(124, `no end after ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code) => finish(code ?? 128));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}
