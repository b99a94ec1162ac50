import { access, NO_EFFECTS, type Readers } from './meaning.js';

/** LISTEN, UNLISTEN and NOTIFY, on channels as objects; `*` for all. */
export const CHANNEL_READERS: Readers = {
  ListenStmt: (reading, node) => {
    access(reading, 'listen', 'channel', [node.conditionname ?? '']);
    return { verb: 'listen', effects: NO_EFFECTS };
  },
  UnlistenStmt: (reading, node) => {
    access(reading, 'unlisten', 'channel', [node.conditionname ?? '*']);
    return { verb: 'unlisten', effects: NO_EFFECTS };
  },
  NotifyStmt: (reading, node) => {
    access(reading, 'notify', 'channel', [node.conditionname ?? '']);
    return { verb: 'notify', effects: NO_EFFECTS };
  },
};
