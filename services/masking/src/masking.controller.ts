import { Controller, Inject } from '@nestjs/common';
import { maskingProblems } from '@interlock/authoring';
import { accepted } from '@interlock/kernel';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { ColumnClassification } from './classification.js';

/** Requests to masking. */
@Controller()
export class MaskingController {
  constructor(@Inject(ColumnClassification) private readonly classification: ColumnClassification) {}

  /** Says what is wrong with the masking section of a configuration; nothing where it can be used. */
  @Rpc('masking.compile')
  compile({ configuration }: RpcParsed<'masking.compile'>): RpcAnswer<'masking.compile'> {
    return accepted({ problems: maskingProblems(configuration) });
  }

  @Rpc('masking.classify')
  classify(request: RpcParsed<'masking.classify'>): Promise<RpcAnswer<'masking.classify'>> {
    return this.classification.classify(request);
  }

  @Rpc('masking.coverage')
  coverage(request: RpcParsed<'masking.coverage'>): Promise<RpcAnswer<'masking.coverage'>> {
    return this.classification.coverage(request);
  }
}
