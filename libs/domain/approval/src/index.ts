export { approval, quorumReached, type ApprovalCommand, type ApprovalEvent, type Holder, type Standing } from './approval.js';
