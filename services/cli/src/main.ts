import { once } from 'node:events';
import { runCli } from './program.js';

async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Reading from the terminal, which shows what you type; end with Ctrl-D. Better: `< file`.\n');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function writeBytes(bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

// Whoever reads no further (`| head`) has what they wanted.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), process.env, process.cwd(), {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  readStandardInput,
  standardInput: process.stdin,
  writeBytes,
});
