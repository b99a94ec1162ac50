import { randomUUID } from 'node:crypto';
import type { BackendMessage } from '@interlock/protocol-postgres';
import { READY, rowsOf, type ScriptedSession } from './evidence-world.js';

/** Two commands side by side, one that people agree to, one that they do not, and one that no rule lets anybody agree to; their ids. */
export async function tellOfAgreement(story: ScriptedSession): Promise<Record<'first' | 'second' | 'agreed' | 'disagreed' | 'refused', string>> {
  const [first, second, agreed, disagreed] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()] as const;
  const [yes, no] = [randomUUID(), randomUUID()] as const;
  const waits: BackendMessage = { kind: 'noticeResponse', fields: { severity: 'NOTICE', code: '00000', message: 'it waits' } };
  await story.append(story.decided(first, 'select 1'), story.decided(second, 'select 2'));
  const answers = [await story.record(rowsOf('n', '1')), await story.record(rowsOf('n', '2'))] as const;
  await story.append(story.ended(first, answers[0]), story.ended(second, answers[1]));

  await story.append(story.decided(agreed, 'delete 1', 'ask'));
  await story.append(story.requested(agreed, yes, 'delete 1'));
  const notice = await story.record([waits]);
  await story.tell('approval.rejected.v1', { grant: yes, approver: 'owner-etl', reason: 'not_independent', detail: 'They share owner-etl.' });
  await story.append(story.voted(yes, 'approve'));
  const grant = { id: yes, rules: ['reads'], ruleHash: 'h', approvers: ['dba'] };
  await story.append(story.draft('grant.consumed.v1', { grant: yes, grantDigest: 'g', approvers: ['dba'] }, agreed), story.decided(agreed, 'delete 1', 'allow', { phase: 'forward', grant }));
  const answer = await story.record(rowsOf('n', '1'));
  await story.append(story.ended(agreed, { firstByte: notice.firstByte, bytes: notice.bytes + answer.bytes }));

  await story.append(story.decided(disagreed, 'delete 2', 'ask'));
  await story.append(story.requested(disagreed, no, 'delete 2'));
  await story.record([waits]);
  await story.append(story.voted(no, 'deny'));
  await story.record([{ kind: 'errorResponse', fields: { severity: 'ERROR', code: '42501', message: 'dba denied it' } }, READY]);
  return { first, second, agreed, disagreed, refused: await story.deny('drop table orders') };
}
