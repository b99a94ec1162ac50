import type { Command } from 'commander';
import { ApiClient } from './client.js';
import { callerFrom, nextStep } from './next-step.js';
import { printable } from '@interlock/kernel';
import { createOutput, type Output } from './output.js';
import { addressFrom, type Settings } from './settings.js';

/** What every command is given. */
export interface Context {
  readonly settings: Settings;
  /** The folder the program was started in. */
  readonly cwd: string;
  readonly client: ApiClient;
  readonly output: Output;
  /** What someone may paste: a command of the same caller, or `by` someone else. */
  next(line: string, by?: string): string;
  readStandardInput(): Promise<string>;
  /** The same in pieces as they come, for what is too long to hold; and the way out for such. */
  readonly standardInput: AsyncIterable<Uint8Array>;
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** A line for the person, beside the result. */
  tell(line: string): void;
}

export interface Streams {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly readStandardInput: () => Promise<string>;
  readonly standardInput: AsyncIterable<Uint8Array>;
  /** Settles when more may be written. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
}

/** The context of one run, from the options that every command shares. */
export function contextOf(command: Command, settings: Settings, streams: Streams, cwd: string, env: NodeJS.ProcessEnv): Context {
  const options = command.optsWithGlobals<{ json?: boolean; tokenOf?: string; api?: string }>();
  const effective = options.api ? { ...settings, api: addressFrom('--api', options.api) } : settings;
  return {
    settings: effective, cwd, client: new ApiClient(effective, options.tokenOf), output: createOutput(options.json === true, streams.write), readStandardInput: streams.readStandardInput, standardInput: streams.standardInput, writeBytes: streams.writeBytes,
    next: (line, by) => nextStep(callerFrom(env, options.tokenOf), line, by),
    tell: (line) => streams.writeError(`${printable(line)}\n`),
  };
}

export type Register = (program: Command, run: Run) => void;
/** A command's work: `Options` are those that the command declares, `inputs` its arguments in order. */
export type Work<Options extends object> = (context: Context & { readonly options: Options }, ...inputs: readonly string[]) => Promise<void>;
/** Makes of it what commander calls. */
export type Run = <Options extends object>(work: Work<Options>) => (...args: unknown[]) => Promise<void>;
