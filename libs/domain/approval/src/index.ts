export { approval, quorumReached, type ApprovalCommand, type ApprovalEvent, type Standing } from './approval.js';
