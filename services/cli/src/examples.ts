/** Examples under the help of a command: what is typed after `interlock`, and what it does. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  interlock ${command.padEnd(width)}  ${what}`).join('\n')}`;
}
