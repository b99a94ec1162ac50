import { Module } from '@nestjs/common';
import { recognition } from '@interlock/nest';
import { ColumnClassification } from './classification.js';
import { MaskingController } from './masking.controller.js';

@Module({ controllers: [MaskingController], providers: [recognition, ColumnClassification] })
export class MaskingModule {}
