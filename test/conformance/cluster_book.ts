import { afterEach, beforeEach, describe } from "vitest";
import { BookKit, type OpenClusterBook } from "./cluster_book/book_kit.ts";
import { testControl } from "./cluster_book/control.ts";
import { testLeases } from "./cluster_book/leases.ts";
import { testSubmitting } from "./cluster_book/submitting.ts";
import { testSums } from "./cluster_book/sums.ts";

export type { OpenClusterBook } from "./cluster_book/book_kit.ts";

/** What every book of a cluster does. */
export function testClusterBook(name: string, open: () => Promise<OpenClusterBook>): void {
  describe(`${name} as the books of a cluster`, () => {
    const kit = new BookKit();
    beforeEach(() => kit.open(open));
    afterEach(() => kit.opened.close());
    testSubmitting(kit);
    testLeases(kit);
    testControl(kit);
    testSums(kit);
  });
}
