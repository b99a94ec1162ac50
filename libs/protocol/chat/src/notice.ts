/** What a chat is told of an approval: the part of it that may leave. */
export interface Notice {
  readonly id: string;
  readonly status: 'pending' | 'approved' | 'denied' | 'expired' | 'withdrawn' | 'consumed';
  readonly grantDigest: string;
  readonly requester: string;
  readonly target: string;
  readonly verb: string;
  readonly objects: readonly string[];
  /** The command with every literal replaced; absent where that cannot be done for sure. */
  readonly text?: string | undefined;
  /** What people agree to of its effect, a sentence each. */
  readonly effect?: readonly string[] | undefined;
  readonly reasons: readonly string[];
  readonly quorum: readonly { readonly role: string; readonly count: number }[];
  readonly votes: readonly { readonly approver: string; readonly verdict: 'approve' | 'deny' }[];
  /** Of a broken glass: nobody is asked, and two people review it. */
  readonly glass?: {
    readonly standing: 'broken' | 'overdue' | 'accepted' | 'objected';
    readonly reviewers: readonly string[];
    readonly reviewBy: string;
    readonly reviews: readonly { readonly reviewer: string; readonly verdict: 'accept' | 'object' }[];
  } | undefined;
  readonly expiresAt: string;
  /** Whether people may approve in Slack; they may deny in any chat. */
  readonly approvable: boolean;
}

/** The words of a message of ours: what is asked, and how it stood. */
export interface Read {
  readonly told: string;
  readonly standing: string;
}

/** What someone pressed below a message. */
export interface Press {
  readonly verdict: 'approve' | 'deny';
  readonly grant: string;
  /** The digest that the button carried. */
  readonly grantDigest: string;
  /** Workspace or tenant of the app, and the app. */
  readonly team: string;
  readonly app: string;
  /** The person, and the workspace or tenant that is theirs. */
  readonly user: string;
  readonly userTeam: string;
  readonly conversation: string;
  /** What stood around the button, where the chat says so and nothing else did; it tells what the person read. */
  readonly read: Read | undefined;
}
