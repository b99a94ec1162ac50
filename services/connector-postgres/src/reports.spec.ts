import { decodeBackend, HEADER_BYTES, type ErrorResponse, type ReportFields } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import { maskReport } from './reports.js';

const error = (fields: Partial<ReportFields>): ErrorResponse => ({ kind: 'errorResponse', fields: { severity: 'ERROR', severityCode: 'ERROR', code: '22P02', message: 'invalid input: "ada@example.org"', ...fields } });

function shown(report: ErrorResponse, touches: boolean, kinds: readonly ('email' | 'card')[] = []): ReportFields | undefined {
  const masked = maskReport(report, touches, kinds);
  const decoded = masked && decodeBackend(masked[0]!, masked, HEADER_BYTES, masked.length);
  return decoded?.ok && decoded.value.kind === 'errorResponse' ? decoded.value.fields : undefined;
}

describe('an error', () => {
  it('passes as it is when nothing is masked', () => {
    expect(maskReport(error({}), false, [])).toBeUndefined();
    expect(maskReport(error({ message: 'division by zero' }), false, ['email'])).toBeUndefined();
  });

  it('loses content in every field', () => {
    expect(shown(error({ detail: 'Key (m)=(ada@example.org)', where: 'COPY t, line 1: "ada@example.org"' }), false, ['email'])).toMatchObject({
      message: 'invalid input: "[email]"', detail: 'Key (m)=([email])', where: 'COPY t, line 1: "[email]"',
    });
  });

  it.each(['22P02', '22012', '23505', 'P0001', 'XX000', '39000'])('on masked columns says the same whatever the value: %s', (code) => {
    expect(shown(error({ code, detail: 'secret' }), true)).toEqual({ severity: 'ERROR', severityCode: 'ERROR', code: '22000', message: 'the statement failed on data that is masked for this principal' });
  });

  it('on masked columns loses content where a value was taken for a name', () => {
    expect(shown(error({ code: '42P01', message: 'relation "to ada@example.org" does not exist' }), true, ['email'])).toMatchObject({ code: '42P01', message: 'relation "to [email]" does not exist' });
  });

  it.each(['57014', '25P02', '40001', '42703'])('on masked columns keeps what tells no value: %s', (code) => {
    expect(shown(error({ code, message: 'plain', detail: 'secret', where: 'secret', hint: 'secret' }), true)).toEqual({ severity: 'ERROR', severityCode: 'ERROR', code, message: 'plain' });
  });
});
