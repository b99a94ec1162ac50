/** Lines for whoever waits, with the seconds since `begunMs` in front: since the command was given, installing and compiling included. */
export function progress(write: (text: string) => void, begunMs: number, nowMs: () => number = Date.now): (line: string) => void {
  return (line) => write(`[${((nowMs() - begunMs) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
}
