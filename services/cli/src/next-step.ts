/** How this command was called, so that the next one can be pasted. */
export interface Caller {
  /** What stands before the command's words: `interlock`, or `npx interlock` where npx runs it. */
  readonly calledAs: string;
  /** The demonstration's principal that it acts for. */
  readonly tokenOf: string | undefined;
}

/** Commands that need no token, or another one. */
const WITHOUT_TOKEN = /--help\b|--token-of\b|^(login|token|policy)\b|^audit verify --bundle\b/;

export function callerFrom(env: NodeJS.ProcessEnv, tokenOf: string | undefined): Caller {
  return { calledAs: env.npm_command === 'exec' ? 'npx interlock' : 'interlock', tokenOf };
}

/** A command as it is to be typed, by the same principal or, with `by`, by someone else. */
export function nextStep({ calledAs, tokenOf }: Caller, line: string, by = tokenOf): string {
  return `${calledAs} ${line}${tokenOf === undefined || by === undefined || WITHOUT_TOKEN.test(line) ? '' : ` --token-of ${by}`}`;
}

/** A sentence with every `interlock …` in it as it is to be typed. */
export function asTyped(sentence: string, caller: Caller): string {
  return sentence.replace(/`interlock ([^`]+)`/g, (_whole, line: string) => `\`${nextStep(caller, line)}\``);
}
