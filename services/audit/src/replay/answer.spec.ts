import { encodeBackend, type BackendMessage } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import type { Ending } from '../views/commands/query.js';
import { placeAnswers } from './answer-places.js';
import { answersIn, readAnswer } from './answer.js';

const field = (name: string, format: 'text' | 'binary' = 'text') => ({ name, tableOid: 0, columnNumber: 0, typeOid: 25, typeSize: -1, typeModifier: -1, format });
const row = (...cells: (string | Buffer | null)[]): BackendMessage => ({ kind: 'dataRow', cells: cells.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : cell)) });
const bytesOf = (...messages: BackendMessage[]): Buffer => Buffer.concat(messages.map(encodeBackend));
const done = (tag: string): BackendMessage => ({ kind: 'commandComplete', tag });
const ready: BackendMessage = { kind: 'readyForQuery', status: 'idle' };
const error: BackendMessage = { kind: 'errorResponse', fields: { severity: 'ERROR', code: '42501', message: 'no', hint: 'ask' } };

describe('an answer', () => {
  it('is columns, rows as the agent saw them, and the tag', () => {
    const bytes = bytesOf({ kind: 'rowDescription', fields: [field('id'), field('card'), field('raw', 'binary')] }, row('7', null, Buffer.from([0, 255])), done('SELECT 1'), ready);
    expect(readAnswer(bytes)).toEqual({ columns: ['id', 'card', 'raw'], rows: [['7', null, '\\x00ff']], tag: 'SELECT 1' });
  });

  it('is an error with what to do, and the notices before it', () => {
    const notice: BackendMessage = { kind: 'noticeResponse', fields: { severity: 'NOTICE', code: '00000', message: 'careful' } };
    expect(readAnswer(bytesOf(notice, error))).toEqual({ rows: [], notices: ['NOTICE: careful'], error: { severity: 'ERROR', code: '42501', message: 'no', hint: 'ask' } });
  });

  it('shows copied lines, and says how many rows it does not show', () => {
    expect(readAnswer(bytesOf({ kind: 'copyOutResponse', format: 'text', columnFormats: ['text'] }, { kind: 'copyData', data: Buffer.from('1\tä\n') }, { kind: 'copyDone' }, done('COPY 1'))))
      .toMatchObject({ copied: ['1\tä'], tag: 'COPY 1' });
    const many = readAnswer(bytesOf(...Array.from({ length: 250 }, () => row('x')), done('SELECT 250')));
    expect([many.rows.length, many.notShown]).toEqual([200, 50]);
  });

  it('reads what is whole of bytes that end in the middle', () => {
    const bytes = bytesOf(row('a'), row('b'), done('SELECT 2'));
    const first = Buffer.from(encodeBackend(row('a'))).length;
    for (let end = 0; end <= bytes.length; end += 1) expect(readAnswer(bytes.subarray(0, end)).rows.length).toBe(end >= 2 * first ? 2 : end >= first ? 1 : 0);
  });

  it('never throws on bytes that are no protocol', () => {
    expect(readAnswer(Buffer.from('garbage that is not a message at all'))).toEqual({ rows: [] });
    expect(readAnswer(Buffer.alloc(64))).toEqual({ rows: [] });
  });
});

describe('the answers in a dialogue', () => {
  it('lie between their first and last messages', () => {
    const head = bytesOf({ kind: 'authenticationOk' }, { kind: 'parameterStatus', name: 'a', value: 'b' }, ready);
    const first = bytesOf({ kind: 'parseComplete' }, { kind: 'bindComplete' }, row('1'), done('SELECT 1'));
    const second = bytesOf(error);
    const third = bytesOf(done('SET'));
    const dialogue = Buffer.concat([head, first, bytesOf(ready), second, bytesOf(ready), third, bytesOf(ready)]);
    const places = answersIn(dialogue);
    expect(places.map(({ firstByte, bytes }) => dialogue.subarray(firstByte, firstByte + bytes))).toEqual([first, second, third]);
    expect(places.map(({ isError }) => isError)).toEqual([false, true, false]);
  });
});

describe('the place of an answer that no outcome tells of', () => {
  const answer = (firstByte: number, isError = false) => ({ firstByte, bytes: 10, isError });
  const ending = (command: string, more: Partial<Ending> = {}): Ending => ({ command, decision: 'allow', status: 'completed', firstByte: null, bytes: null, ...more });
  const denied = (command: string) => ending(command, { decision: 'deny', status: null });

  it('is the next one that no other command claims; of a refused command, the next error', () => {
    const answers = [answer(0), answer(10, true), answer(20), answer(30, true), answer(40)];
    const endings = [ending('told', { firstByte: 0, bytes: 10 }), denied('refused'), ending('lost', { status: 'unknown' }), denied('refused too'), ending('untold')];
    expect([...placeAnswers(answers, endings)].map(([command, { firstByte }]) => [command, firstByte])).toEqual([['refused', 10], ['refused too', 30], ['untold', 40]]);
  });

  it('is an error of a command that people did not agree to', () => {
    const endings = [ending('disagreed', { decision: 'ask', status: null }), denied('refused')];
    expect([...placeAnswers([answer(0, true), answer(10, true)], endings)].map(([command, { firstByte }]) => [command, firstByte])).toEqual([['disagreed', 0], ['refused', 10]]);
  });

  it('is not made up where there is none', () => expect(placeAnswers([answer(0)], [denied('refused')]).size).toBe(0));
});
