export { type Judge, type JudgeCompiler, type JudgeRequest } from './judge.js';
