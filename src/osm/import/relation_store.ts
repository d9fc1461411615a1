import { Float64Column, Int32Column, Uint32Column, Uint8Column } from "../../core/index.ts";
import type { ScannedRelation } from "./scan_part.ts";

const NO_THEME = -1;

/** Relations that may become areas, packed: 20 bytes, 9 for each member, and their tags as text. As objects they take some hundred bytes more, and the collector looks at each. */
export class RelationStore implements Iterable<ScannedRelation> {
  readonly #ids = new Float64Column();
  readonly #themes = new Int32Column();
  readonly #textEnds = new Uint32Column();
  readonly #texts = new Uint8Column();
  readonly #memberEnds = new Uint32Column();
  readonly #memberWays = new Float64Column();
  readonly #isOuter = new Uint8Column();

  /** Ways that are members, each as often as it is one. */
  get memberCount(): number {
    return this.#memberWays.length;
  }

  add({ id, theme, tagsText, memberWays, isOuter }: ScannedRelation): void {
    this.#ids.push(id);
    this.#themes.push(theme ?? NO_THEME);
    const members = this.#memberWays.length;
    this.#memberWays.extend(memberWays.length).set(memberWays, members);
    this.#isOuter.extend(isOuter.length).set(isOuter, members);
    this.#memberEnds.push(this.#memberWays.length);
    const text = Buffer.from(tagsText);
    const at = this.#texts.length;
    this.#texts.extend(text.length).set(text, at);
    this.#textEnds.push(this.#texts.length);
  }

  /** In the order in which they came. Members are views that hold until more is added. */
  *[Symbol.iterator](): Generator<ScannedRelation> {
    const [memberWays, isOuter, texts] = [this.#memberWays.view(), this.#isOuter.view(), this.#texts.view()];
    let [member, text] = [0, 0];
    for (let i = 0; i < this.#ids.length; i++) {
      const [memberEnd, textEnd] = [this.#memberEnds.at(i), this.#textEnds.at(i)];
      const theme = this.#themes.at(i);
      yield {
        id: this.#ids.at(i),
        theme: theme === NO_THEME ? null : theme,
        tagsText: Buffer.from(texts.buffer, text, textEnd - text).toString(),
        memberWays: memberWays.subarray(member, memberEnd),
        isOuter: isOuter.subarray(member, memberEnd),
      };
      [member, text] = [memberEnd, textEnd];
    }
  }
}
