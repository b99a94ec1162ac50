export { actionDigest, grantDigest, requesterText, statementDigest, type StatementDigest } from './digest.js';
