import type { Column, Numbers } from "./column_role.ts";

/** What columns of all types have in common: what is called once for many values. */
export abstract class Growing<Values extends Numbers> implements Omit<Column<Values>, "push" | "at" | "set"> {
  values: Values;
  length = 0;

  constructor(values: Values) {
    this.values = values;
  }

  extend(count: number): Values {
    const length = this.length + count;
    if (length > this.values.length) this.grow(length);
    this.length = length;
    return this.values;
  }

  cut(length: number): void {
    this.length = length;
  }

  view(): Values {
    return this.values.subarray(0, this.length) as Values;
  }

  take(): Values {
    return this.values.slice(0, this.length) as Values;
  }

  protected grow(least = 1): void {
    const larger = this.make(Math.max(least, this.values.length * 2));
    larger.set(this.values);
    this.values = larger;
  }

  protected abstract make(length: number): Values;
}
