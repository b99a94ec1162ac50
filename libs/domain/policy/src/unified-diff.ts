/** A text of one side; `undefined` where the file is not there. */
type Text = string | undefined;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT_LINES = 3;
/** Pairs of lines that are compared; beyond, all the old lines are followed by all the new ones, which is as complete. */
const PAIRS_MAX = 4_000_000;
const UNENDED = '\\ No newline at end of file';

/**
 * The differences between two texts of one file in the unified format that `diff -u` writes; empty where there are none.
 * Every line that differs is told. The head of a hunk ends with the line that its first line belongs to, by indentation.
 */
export function unifiedDiff(file: string, before: Text, after: Text): string {
  if (before === after) return '';
  const lines = compared(linesOf(before), linesOf(after));
  const told = [`--- ${before === undefined ? '/dev/null' : `a/${file}`}`, `+++ ${after === undefined ? '/dev/null' : `b/${file}`}`];
  return `${[...told, ...hunks(lines)].join('\n')}\n`;
}

/** Lines as the format has them: that the last one does not end is a part of it. */
function linesOf(text: Text): string[] {
  if (text === undefined || text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop()!;
  return last === '' ? lines : [...lines, `${last}\n${UNENDED}`];
}

function compared(before: readonly string[], after: readonly string[]): Line[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const marked = (mark: Line['mark'], lines: readonly string[]): Line[] => lines.map((text) => ({ mark, text }));
  const [old, young] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const between = old.length * young.length > PAIRS_MAX ? [...marked('-', old), ...marked('+', young)] : byLongestCommonLines(old, young);
  return [...marked(' ', before.slice(0, head)), ...between, ...marked(' ', before.slice(before.length - tail))];
}

/** By the longest common subsequence of lines; what is removed comes before what is added. */
function byLongestCommonLines(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = before[i] === after[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length;) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ mark: ' ', text: before[i]! });
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) lines.push({ mark: '-', text: before[i++]! });
    else lines.push({ mark: '+', text: after[j++]! });
  }
  return lines;
}

function* hunks(lines: readonly Line[]): Generator<string> {
  let [old, young] = [0, 0];
  for (let at = 0; at < lines.length;) {
    const end = endOfHunk(lines, at);
    if (end === undefined) {
      [old, young] = passed(lines[at]!, old, young);
      at += 1;
      continue;
    }
    const hunk = lines.slice(at, end);
    const [oldCount, youngCount] = hunk.reduce(([a, b], line) => passed(line, a!, b!), [0, 0]) as [number, number];
    yield `@@ -${range(old, oldCount)} +${range(young, youngCount)} @@${belongsTo(lines, at)}`;
    for (const { mark, text } of hunk) yield `${mark}${text}`;
    [old, young, at] = [old + oldCount, young + youngCount, end];
  }
}

/** Where the hunk that begins at this line ends; undefined where none begins. */
function endOfHunk(lines: readonly Line[], start: number): number | undefined {
  let last: number | undefined;
  for (let at = start; at < lines.length && at <= (last === undefined ? start + CONTEXT_LINES : last + 2 * CONTEXT_LINES + 1); at += 1) {
    if (lines[at]!.mark !== ' ') last = at;
  }
  return last === undefined ? undefined : Math.min(last + CONTEXT_LINES + 1, lines.length);
}

function passed({ mark }: Line, old: number, young: number): [number, number] {
  return [old + (mark === '+' ? 0 : 1), young + (mark === '-' ? 0 : 1)];
}

/** An empty range names the line before it. */
function range(passedLines: number, count: number): string {
  return `${count === 0 ? passedLines : passedLines + 1},${count}`;
}

function belongsTo(lines: readonly Line[], at: number): string {
  const indent = indentOf(lines[at]!.text);
  const parent = lines.slice(0, at).findLast(({ mark, text }) => mark !== '-' && text.trim() !== '' && indentOf(text) < indent);
  return parent ? ` ${parent.text.split('\n')[0]!.trim()}` : '';
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
