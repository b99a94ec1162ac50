import { cpus, release, totalmem } from 'node:os';

/** By what, when and on what numbers were made: the first sentence of a report. Of the kernel the version alone, without what its builder added. */
export function madeBy(name: string, versions: readonly string[] = [`Node ${process.versions.node}`]): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const machine = `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release().split('-')[0]!}`;
  return `Made by \`npm run bench:${name}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}; ${versions.join(', ')}.`;
}
