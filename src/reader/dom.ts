/** What the reader uses of the DOM. The names are those of the standard; a browser's whole library is not wanted here. */
export interface PageNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly firstChild: PageNode | null;
  readonly nextSibling: PageNode | null;
  readonly childNodes: Iterable<PageNode>;
  remove(): void;
}

export interface PageElement extends PageNode {
  readonly tagName: string;
  readonly id: string;
  readonly className: string;
  readonly attributes: { readonly length: number };
  readonly children: Iterable<PageElement>;
  hasAttribute(name: string): boolean;
  getAttribute(name: string): string | null;
  closest(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export interface PageDocument {
  readonly documentElement: PageElement;
  readonly body: PageElement;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export const elementNode = 1;
export const textNode = 3;
export const commentNode = 8;

export function isElement(node: PageNode): node is PageElement {
  return node.nodeType === elementNode;
}
