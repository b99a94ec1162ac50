import { Controller } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { maskingProblems } from './masking-problems.js';

/** Requests to masking. */
@Controller()
export class MaskingController {
  /** Says what is wrong with the masking section of a configuration; nothing where it can be used. */
  @Rpc('masking.compile')
  compile({ configuration }: RpcParsed<'masking.compile'>): RpcAnswer<'masking.compile'> {
    return accepted({ problems: maskingProblems(configuration) });
  }
}
