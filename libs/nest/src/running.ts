/** A started service. */
export interface Running {
  readonly name: string;
  /** Drains in order and within a named time; a second call waits for the first. */
  close(): Promise<void>;
}
