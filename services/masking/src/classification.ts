import { Inject, Injectable } from '@nestjs/common';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ClassifiedColumn, ColumnTag, RpcClient, RpcResponse, SealedBox, SurveyedColumn, Trust } from '@interlock/contracts';
import { sealFor, type ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition } from '@interlock/domain-identity';
import { coverageOf, proposedTags } from '@interlock/domain-masking';
import { KEYS, RPC_CLIENT, TRUST } from '@interlock/nest';

/** A connector reads a page of tables for that long at most. */
const SURVEY_MS = 15_000;
const CONNECTOR = 'connector-postgres';
const UNCLASSIFIED_MAX = 1_000;
/** More pages than a catalog that can be understood has. */
const PAGES_MAX = 1_000;

interface Asked {
  /** Of a person who may change the configuration. */
  readonly token: SealedBox;
  readonly target: string;
}

/**
 * What a target's columns hold: what people said of it, by the configuration in force, and what may be said beside, by what its connector finds. Nothing is stored: a tag
 * counts once it stands in the configuration, which a second person has agreed to.
 */
@Injectable()
export class ColumnClassification {
  constructor(
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(KEYS) private readonly keys: ServiceKeys,
    @Inject(TRUST) private readonly trust: Trust,
    @Inject(RPC_CLIENT) private readonly rpc: RpcClient,
  ) {}

  async classify({ token, target, after }: Asked & { readonly after?: string | undefined }): Promise<Outcome<RpcResponse<'masking.classify'>>> {
    const tags = await this.#tagsOf(token, target);
    if (!tags.ok) return tags;
    const page = await this.#survey({ token, target }, after, true);
    if (!page.ok) return page;
    return accepted({ columns: page.value.columns.map((column) => classified(column, tags.value)), next: page.value.next });
  }

  async coverage(asked: Asked): Promise<Outcome<RpcResponse<'masking.coverage'>>> {
    const tags = await this.#tagsOf(asked.token, asked.target);
    if (!tags.ok) return tags;
    const columns: SurveyedColumn[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page: Outcome<RpcResponse<'connector-postgres.survey'>> = await this.#survey(asked, after ?? undefined, false);
      if (!page.ok) return page;
      columns.push(...page.value.columns);
      after = page.value.next;
      if (after === null) break;
    }
    const said = new Set(tags.value.map(({ column }) => column));
    const unclassified = columns.map(pathOf).filter((path) => !said.has(path)).slice(0, UNCLASSIFIED_MAX);
    return accepted({ ...coverageOf(columns, tags.value), unclassified });
  }

  /** Tags at a target, for whoever may change them. */
  async #tagsOf(token: SealedBox, target: string): Promise<Outcome<readonly ColumnTag[]>> {
    const person = await this.recognition.recogniseAdministrator(token, 'changes');
    if (!person.ok) return person;
    const { targets, masking } = person.value.configuration;
    if (!targets.some(({ name }) => name === target)) return refused('target_unknown', `There is no target ${JSON.stringify(target.slice(0, 63))}.`, { hint: `Targets are ${targets.map(({ name }) => name).join(', ')}.` });
    return accepted((masking.tags ?? []).filter((one) => one.target === target));
  }

  /** The connector verifies the token itself, and so does the vault, whose credential it asks for with it. */
  async #survey({ token, target }: Asked, after: string | undefined, isSampled: boolean): Promise<Outcome<RpcResponse<'connector-postgres.survey'>>> {
    const opened = this.keys.openText(token, 'token');
    if (!opened.ok) return opened;
    const sealed = sealFor(this.trust, CONNECTOR, 'token', Buffer.from(opened.value));
    return this.rpc.call(`${CONNECTOR}.survey`, { token: sealed, target, isSampled, ...(after !== undefined && { after }) }, { timeoutMs: SURVEY_MS });
  }
}

function classified(column: SurveyedColumn, tags: readonly ColumnTag[]): ClassifiedColumn {
  const present = tags.filter((tag) => tag.column === pathOf(column));
  return { ...column, tags: present, proposals: [...proposedTags(column, present)] };
}

function pathOf({ schema, table, column }: SurveyedColumn): string {
  return `${schema}.${table}.${column}`;
}
