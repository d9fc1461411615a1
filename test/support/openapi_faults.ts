/** What OpenAPI 3.1.0 asks of a document, as far as a server without callbacks, webhooks and components uses it. Findings as sentences. */
export function findOpenApiFaults(document: unknown): string[] {
  const faults: string[] = [];
  const { openapi, info, paths, ...rest } = record(document, "the document", faults);
  if (!/^3\.1\.\d+$/.test(text(openapi))) faults.push(`openapi is '${text(openapi)}'`);
  const { title, version } = record(info, "info", faults);
  if (text(title) === "" || text(version) === "") faults.push("info has no title or version");
  for (const key of Object.keys(rest)) if (!TOP.has(key)) faults.push(`the document has an unknown '${key}'`);
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(record(paths, "paths", faults))) {
    if (!path.startsWith("/")) faults.push(`${path} does not begin with /`);
    for (const [method, operation] of Object.entries(record(item, path, faults))) {
      const place = `${method} ${path}`;
      if (!METHODS.has(method)) faults.push(`${place} is no method`);
      else checkOperation(place, path, record(operation, place, faults), ids, faults);
    }
  }
  return faults;
}

type Faults = string[];
type Fields = Record<string, unknown>;

const TOP = new Set(["servers", "webhooks", "components", "security", "tags", "externalDocs", "jsonSchemaDialect"]);
const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);
const PLACES = new Set(["query", "header", "path", "cookie"]);
const TYPES = new Set(["null", "boolean", "object", "array", "number", "string", "integer"]);

function checkOperation(place: string, path: string, operation: Fields, ids: Set<string>, faults: Faults): void {
  const { parameters = [], requestBody, responses, operationId } = operation;
  if (operationId !== undefined && ids.has(text(operationId))) faults.push(`${place}: its id is taken`);
  ids.add(text(operationId));
  checkParameters(place, path, list(parameters, `${place} parameters`, faults), faults);
  if (requestBody !== undefined) checkContent(`${place} body`, record(requestBody, place, faults)["content"], faults);
  const answers = Object.entries(record(responses, `${place} responses`, faults));
  if (answers.length === 0) faults.push(`${place} has no response`);
  for (const [status, answer] of answers) {
    const { description, content } = record(answer, `${place} ${status}`, faults);
    if (!/^(?:[1-5](?:\d\d|XX)|default)$/.test(status)) faults.push(`${place}: ${status} is no status`);
    if (text(description) === "") faults.push(`${place} ${status} has no description`);
    if (content !== undefined) checkContent(`${place} ${status}`, content, faults);
  }
}

function checkParameters(place: string, path: string, parameters: unknown[], faults: Faults): void {
  const seen = new Set<string>();
  for (const one of parameters) {
    const { name, in: where, required, schema } = record(one, `${place} parameter`, faults);
    const key = `${text(where)} ${text(name)}`;
    if (!PLACES.has(text(where)) || text(name) === "" || seen.has(key)) faults.push(`${place}: parameter '${key}'`);
    seen.add(key);
    if (where === "path" && required !== true) faults.push(`${place}: ${key} is not required`);
    checkSchema(`${place} ${key}`, schema, faults);
  }
  const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => `path ${name}`);
  const told = [...seen].filter((key) => key.startsWith("path "));
  if (named.toSorted().join() !== told.toSorted().join())
    faults.push(`${place}: its path does not name ${told.join()}`);
}

function checkContent(place: string, content: unknown, faults: Faults): void {
  const types = Object.entries(record(content, `${place} content`, faults));
  if (types.length === 0) faults.push(`${place} has no media type`);
  for (const [type, media] of types) {
    if (!/^[\w.+-]+\/[\w.+*-]+$/.test(type)) faults.push(`${place}: ${type} is no media type`);
    checkSchema(`${place} ${type}`, record(media, `${place} ${type}`, faults)["schema"], faults);
  }
}

const MAPS = ["properties", "patternProperties", "$defs"];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const ONES = ["items", "additionalProperties", "propertyNames", "not", "contains"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const COUNTS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const TEXTS = ["description", "title", "format", "pattern", "$schema", "$id", "$comment"];
const OTHERS = ["type", "enum", "const", "default", "required", "uniqueItems", "examples", "deprecated"];
const KNOWN = new Set([...MAPS, ...LISTS, ...ONES, ...NUMBERS, ...COUNTS, ...TEXTS, ...OTHERS]);

/** A schema of JSON Schema 2020-12; words of other versions, `nullable` say, are no part of it. */
function checkSchema(place: string, schema: unknown, faults: Faults): void {
  if (typeof schema === "boolean") return;
  const fields = record(schema, `${place} schema`, faults);
  for (const [key, value] of Object.entries(fields)) {
    const at = `${place}.${key}`;
    if (!KNOWN.has(key)) faults.push(`${at} is unknown`);
    if (MAPS.includes(key))
      for (const [name, one] of Object.entries(record(value, at, faults))) checkSchema(`${at}.${name}`, one, faults);
    if (LISTS.includes(key)) for (const one of list(value, at, faults)) checkSchema(at, one, faults);
    if (ONES.includes(key)) checkSchema(at, value, faults);
    if (NUMBERS.includes(key) && typeof value !== "number") faults.push(`${at} is no number`);
    if (COUNTS.includes(key) && !(Number.isInteger(value) && Number(value) >= 0)) faults.push(`${at} is no count`);
    if (TEXTS.includes(key) && typeof value !== "string") faults.push(`${at} is no text`);
    if (key === "type")
      for (const type of [value].flat()) if (!TYPES.has(text(type))) faults.push(`${at} is '${text(type)}'`);
    if (key === "enum" || key === "required") list(value, at, faults);
    if (key === "required" && new Set([value].flat()).size !== [value].flat().length)
      faults.push(`${at} has one twice`);
  }
}

function record(value: unknown, place: string, faults: Faults): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  faults.push(`${place} is no object`);
  return {};
}

function list(value: unknown, place: string, faults: Faults): unknown[] {
  if (Array.isArray(value)) return value;
  faults.push(`${place} is no list`);
  return [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
