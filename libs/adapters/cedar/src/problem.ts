/** Something wrong in a policy file, for its author: where, what, and what was expected there. */
export interface PolicyProblem {
  readonly file: string;
  /** Both count from 1; columns in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  readonly detail: string;
  readonly expected?: string;
}

export function describeProblem(problem: PolicyProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  return problem.expected ? `${place}: ${problem.detail}; expected ${problem.expected}` : `${place}: ${problem.detail}`;
}

/** Line and column of a byte offset (Cedar counts UTF-8 bytes). */
export function placeOf(text: string, byteOffset: number): { readonly line: number; readonly column: number } {
  const before = Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8');
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: before.length - lastBreak };
}
