import type { Column } from "./column_role.ts";
import { Growing } from "./growing.ts";

export type { Column, Numbers } from "./column_role.ts";

// What is called for each value is written out for each type: the engine keeps what it learns of a function with its source, so that one text for six types of arrays, even of
// six classes that a function makes, is never compiled for one of them: 80 ns a value instead of 12.

export class Float64Column extends Growing<Float64Array<ArrayBuffer>> implements Column<Float64Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Float64Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(length);
  }
}

export class Float32Column extends Growing<Float32Array<ArrayBuffer>> implements Column<Float32Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Float32Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(length);
  }
}

export class Int32Column extends Growing<Int32Array<ArrayBuffer>> implements Column<Int32Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Int32Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(length);
  }
}

export class Uint32Column extends Growing<Uint32Array<ArrayBuffer>> implements Column<Uint32Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Uint32Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(length);
  }
}

export class Uint16Column extends Growing<Uint16Array<ArrayBuffer>> implements Column<Uint16Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Uint16Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(length);
  }
}

export class Uint8Column extends Growing<Uint8Array<ArrayBuffer>> implements Column<Uint8Array<ArrayBuffer>> {
  constructor(capacity = 1024) {
    super(new Uint8Array(capacity));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  protected make(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(length);
  }
}
