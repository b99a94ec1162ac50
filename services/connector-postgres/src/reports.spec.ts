import { decodeBackend, HEADER_BYTES, type ErrorResponse, type ReportFields } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import { maskNotification, maskReport, type ReportPlace } from './reports.js';

const error = (fields: Partial<ReportFields>): ErrorResponse => ({ kind: 'errorResponse', fields: { severity: 'ERROR', severityCode: 'ERROR', code: '22P02', message: 'invalid input: "ada@example.org"', ...fields } });

const NOWHERE: ReportPlace = { touches: false, isBeside: false, hasColumns: false };
const at = (place: Partial<ReportPlace>): ReportPlace => ({ ...NOWHERE, hasColumns: true, ...place });

function shown(report: ErrorResponse, place: ReportPlace, kinds: readonly ('email' | 'card')[] = []): ReportFields | undefined {
  const masked = maskReport(report, place, kinds);
  const decoded = masked && decodeBackend(masked[0]!, masked, HEADER_BYTES, masked.length);
  return decoded?.ok && decoded.value.kind === 'errorResponse' ? decoded.value.fields : undefined;
}

describe('an error', () => {
  it('passes as it is when nothing is masked', () => {
    expect(maskReport(error({}), NOWHERE, [])).toBeUndefined();
    expect(maskReport(error({ message: 'division by zero' }), NOWHERE, ['email'])).toBeUndefined();
  });

  it('loses content in every field', () => {
    expect(shown(error({ detail: 'Key (m)=(ada@example.org)', where: 'COPY t, line 1: "ada@example.org"' }), NOWHERE, ['email'])).toMatchObject({
      message: 'invalid input: "[email]"', detail: 'Key (m)=([email])', where: 'COPY t, line 1: "[email]"',
    });
  });

  it.each(['22P02', '22012', '23505', 'P0001', 'XX000', '39000'])('on masked columns says the same whatever the value: %s', (code) => {
    expect(shown(error({ code, detail: 'secret' }), at({ touches: true }))).toEqual({ severity: 'ERROR', severityCode: 'ERROR', code: '22000', message: 'the statement failed on data that is masked for this principal' });
  });

  it('on masked columns loses content where a value was taken for a name', () => {
    expect(shown(error({ code: '42P01', message: 'relation "to ada@example.org" does not exist' }), at({ touches: true }), ['email'])).toMatchObject({ code: '42P01', message: 'relation "to [email]" does not exist' });
  });

  it.each(['57014', '25P02', '40001', '42703'])('on masked columns keeps what tells no value: %s', (code) => {
    expect(shown(error({ code, message: 'plain', detail: 'secret', where: 'COPY t, line 1: "secret"', hint: 'secret' }), at({ touches: true }))).toEqual({ severity: 'ERROR', severityCode: 'ERROR', code, message: 'plain' });
  });

  it('of a write beside masked columns loses the row that it shows', () => {
    const report = error({ code: '23502', message: 'null value in column "name"', column: 'name', detail: 'Failing row contains (1, null, secret).' });
    expect(shown(report, at({ isBeside: true }))).toMatchObject({ code: '23502', message: 'null value in column "name"', column: 'name' });
    expect(shown(report, at({ isBeside: true }))).not.toHaveProperty('detail');
    expect(maskReport(error({}), at({ isBeside: true }), [])).toBeUndefined();
  });

  it('that code of the target raises says nothing where columns are masked', () => {
    const report = error({ code: '42P01', message: 'found secret', hint: 'secret', where: 'PL/pgSQL function watch() line 5 at RAISE\nCOPY t, line 1: "x"' });
    expect(shown(report, at({}))).toEqual({ severity: 'ERROR', severityCode: 'ERROR', code: '22000', message: 'the statement failed on data that is masked for this principal' });
    expect(shown({ ...report, fields: { ...report.fields, code: '40P01' } }, at({}))).toMatchObject({ code: '40P01' });
    expect(maskReport(report, NOWHERE, [])).toBeUndefined();
    expect(maskReport(error({ where: 'COPY t, line 1, column n: "x"' }), at({}), [])).toBeUndefined();
  });
});

describe('a notification', () => {
  const told = { kind: 'notificationResponse', processId: 7, channel: 'news', payload: 'secret' } as const;

  it('has no payload where columns are masked', () => {
    const masked = maskNotification(told, true, []);
    expect(masked?.toString('latin1')).toMatch(/news\0\[redacted\]\0$/);
    expect(maskNotification({ ...told, payload: '' }, true, [])).toBeUndefined();
    expect(maskNotification(told, false, ['email'])).toBeUndefined();
  });
});
