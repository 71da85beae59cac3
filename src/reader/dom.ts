/** What the reader uses of the DOM. The names are those of the standard; a browser's whole library is not wanted here. */
export interface PageNode {
  readonly nodeType: number;
  readonly textContent: string | null;
  readonly firstChild: PageNode | null;
  readonly nextSibling: PageNode | null;
  remove(): void;
}

export interface PageElement extends PageNode {
  readonly tagName: string;
  readonly id: string;
  readonly className: string;
  hasAttributes(): boolean;
  hasAttribute(name: string): boolean;
  getAttribute(name: string): string | null;
}

export interface PageDocument {
  readonly documentElement: PageElement;
  readonly body: PageElement;
  /** In lower case. A selector takes several times as long. */
  getElementsByTagName(name: string): Iterable<PageElement>;
}

export const elementNode = 1;
export const textNode = 3;
export const commentNode = 8;

export function isElement(node: PageNode): node is PageElement {
  return node.nodeType === elementNode;
}

/** What is directly in a node, in order. It must not be taken out on the way. */
export function* childrenOf(node: PageNode): Generator<PageNode> {
  for (let child = node.firstChild; child; child = child.nextSibling) yield child;
}

export function* elementsIn(node: PageNode): Generator<PageElement> {
  for (let child = node.firstChild; child; child = child.nextSibling) if (isElement(child)) yield child;
}
