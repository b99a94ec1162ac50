export { SQL_LIMITS } from './limits.js';
export { loadParser, parserStarting } from './parser/engine.js';
export { parseStatements, type ParsedStatement, type SyntaxRefusal } from './parser/parse.js';
export type {
  Catalog, CatalogColumn, ColumnName, CatalogFunction, CatalogOperator, CatalogRelation, CatalogType, OutColumn, RelationKind, Volatility,
} from './catalog/model.js';
export { CATALOG_HORIZON, CATALOG_QUERIES, CATALOG_SESSION, columnsSince, type CatalogQuery } from './catalog/queries.js';
export { catalogFromRows, isColumnsLost, type CatalogRow, type CatalogRows } from './catalog/rows.js';
export { overlayCatalog, type CatalogChange } from './catalog/overlay.js';
export { completeSearchPath, parseSearchPath, TEMPORARY_SCHEMA, type SearchPath } from './catalog/search-path.js';
export { interpretText } from './text.js';
export { leavesOut, toldText } from './long-literals.js';
export { stated, STATED_NAMES, statedIn } from './stated.js';
export { literalsIn } from './literals.js';
export { withoutLiterals } from './without-literals.js';
export { isHarmless } from './statements/settings.js';
export { identityOf, identityQuery, nameOf, type Identity } from './identity.js';
export { createInterpreter, type Interpreter } from './interpreter.js';
export { interpret, lineage, type Interpretation, type InterpretationContext } from './interpret.js';
export type { CopyEffect, Effects } from './statements/meaning.js';
export type { ColumnRef, Lineage, LineageColumn, LineageWrite, ShapingColumn } from './lineage/lineage.js';
export { reportLineage, type LineageReport, type ReportedColumn, type ReportedOrigin } from './lineage/report.js';
export { readSchema, type Schema, type SchemaRefusal } from './schema/read.js';
export { maskable, type ColumnRules } from './lineage/maskable.js';
export { subjectsShown, type SubjectColumn, type SubjectsShown } from './lineage/subjects.js';
export { checkSensitive, type ColumnFinding, type IsSensitive, type SensitiveFindings } from './lineage/sensitive.js';
export { explainText, readPlan, type ReadPlan } from './plan.js';
export { holdingOf, isOfItsSession, relationsOf, untriable, withReturning, type Holding, type Returning } from './trial.js';
export { CHANGES_QUERY, changesBetween, companionsQuery } from './changes.js';
