// `npm test`: installs what is missing, lints, checks the types of the tests, and runs every test once. Arguments go to vitest, so `npm test -- libs/kernel`
// runs a part. The last line is `N passed, N failed`; the exit code is 0 only when nothing failed and something passed.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, prepareCheckout, requireNode } from '../deploy/local/bootstrap.mjs';

const tell = (line) => console.log(line);
const program = (path) => join(checkout, 'node_modules', path);
const node = (script, args, env = process.env) => spawnSync(process.execPath, [script, ...args], { cwd: checkout, stdio: 'inherit', env }).status;

requireNode();
await prepareCheckout(tell);

tell('linting');
const lintFailed = node(program('oxlint/bin/oxlint'), []) !== 0;

tell('checking the types of the tests');
const typesFailed = node(program('typescript/bin/tsc'), ['-p', 'tsconfig.spec.json']) !== 0;

const { ensureTestBrowser, ensureTestPrograms, explainFault } = await import('../deploy/local/dist/index.js');
const fetching = async () => {
  await ensureTestBrowser(checkout, process.env, tell);
  return ensureTestPrograms(checkout, process.env, tell);
};
const programs = await fetching().catch((fault) => {
  console.error(`The tests cannot run.\n${explainFault(fault)}\n0 passed, 1 failed`);
  process.exit(1);
});

const folder = mkdtempSync(join(tmpdir(), 'interlock-test-'));
const report = join(folder, 'report.json');
// What tests write lies in here and goes with it. The databases' own user passes through, as through /tmp.
const temporary = join(folder, 'tmp');
mkdirSync(temporary);
chmodSync(folder, 0o711);
chmodSync(temporary, 0o1777);
const status = node(program('vitest/vitest.mjs'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)], {
  ...process.env, TMPDIR: temporary, PATH: programs.path, INTERLOCK_NATS_SERVER: programs.natsServer, INTERLOCK_PSQL: programs.psql, INTERLOCK_PG_DUMP: programs.pgDump,
});

const { passed, failed, skipped } = countResults(report);
rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
if (lintFailed) console.error('The linter found what stands above; it counts as one failure.');
if (typesFailed) console.error('The compiler found what stands above in the tests; it counts as one failure.');
const failures = failed + (lintFailed ? 1 : 0) + (typesFailed ? 1 : 0);
// Vitest can fail without a failing test: an error outside of any test, or a file that does not load.
const unexplained = status !== 0 && failures === 0 ? 1 : 0;
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failures + unexplained} failed`);
process.exit(failures + unexplained === 0 && passed > 0 ? 0 : 1);

function countResults(file) {
  let result;
  try {
    result = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.error('Vitest wrote no result.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const unloadable = result.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'));
  return { passed: result.numPassedTests, failed: result.numFailedTests + unloadable.length, skipped: result.numPendingTests + (result.numTodoTests ?? 0) };
}
