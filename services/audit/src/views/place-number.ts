import { LIMITS } from '@interlock/kernel';

/** An event's place in the ledger as one number, for tables and pages: it orders as (sequence, position) does. */
export function placeNumber({ sequence, position }: { readonly sequence: number; readonly position: number }): number {
  return sequence * LIMITS.batchEvents + position;
}

/** The place that a number stands for. */
export function placeOfNumber(number: number): { readonly sequence: number; readonly position: number } {
  return { sequence: Math.floor(number / LIMITS.batchEvents), position: number % LIMITS.batchEvents };
}
