/**
 * A set in an order, in which the first item that covers some needs is found in O(log n): a treap whose nodes know
 * the most that anything below them has.
 */
import { type Amounts, covers } from "./demand.ts";

export interface OrderedSet<T> {
  readonly size: number;
  add(item: T): void;
  /** Removes what compares as equal to `item`. */
  delete(item: T): void;
  first(): T | undefined;
  /** The first that has at least `needs`, and that `accepts` takes. */
  firstCovering(needs: Amounts, accepts?: (item: T) => boolean): T | undefined;
}

interface Node<T> {
  item: T;
  amounts: Amounts;
  /** No less than that of any node below: drawn by lot, which keeps the tree flat. */
  lot: number;
  left: Tree<T>;
  right: Tree<T>;
  /** The most of each amount in the tree under this node, itself included. */
  most: Amounts;
}
type Tree<T> = Node<T> | undefined;

/**
 * @param compare below 0 where its first goes before its second; 0 only for equals
 * @param amountsOf what an item has; must not change while it is in the set
 */
export function createOrderedSet<T>(
  compare: (a: T, b: T) => number,
  amountsOf: (item: T) => Amounts,
): OrderedSet<T> {
  let root: Tree<T>;
  let size = 0;
  let seed = 1;

  /** Xorshift: the same in each run. */
  function draw(): number {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed;
  }

  function insert(tree: Tree<T>, node: Node<T>): Node<T> {
    if (tree === undefined) return node;
    if (node.lot > tree.lot) {
      [node.left, node.right] = split(tree, node.item);
      return summed(node);
    }
    if (compare(node.item, tree.item) < 0) tree.left = insert(tree.left, node);
    else tree.right = insert(tree.right, node);
    return summed(tree);
  }

  /** What goes before `item`, and the rest. */
  function split(tree: Tree<T>, item: T): [Tree<T>, Tree<T>] {
    if (tree === undefined) return [undefined, undefined];
    if (compare(tree.item, item) < 0) {
      const [before, after] = split(tree.right, item);
      tree.right = before;
      return [summed(tree), after];
    }
    const [before, after] = split(tree.left, item);
    tree.left = after;
    return [before, summed(tree)];
  }

  function remove(tree: Tree<T>, item: T): Tree<T> {
    if (tree === undefined) return undefined;
    const order = compare(item, tree.item);
    if (order === 0) {
      size -= 1;
      return joined(tree.left, tree.right);
    }
    if (order < 0) tree.left = remove(tree.left, item);
    else tree.right = remove(tree.right, item);
    return summed(tree);
  }

  return {
    get size() {
      return size;
    },
    add(item) {
      const amounts = amountsOf(item);
      const most = { ...amounts };
      root = insert(root, { item, amounts, lot: draw(), left: undefined, right: undefined, most });
      size += 1;
    },
    delete(item) {
      root = remove(root, item);
    },
    first() {
      let node = root;
      while (node?.left !== undefined) node = node.left;
      return node?.item;
    },
    firstCovering: (needs, accepts = () => true) => firstCovering(root, needs, accepts),
  };
}

function firstCovering<T>(tree: Tree<T>, needs: Amounts, accepts: (item: T) => boolean): T | undefined {
  if (tree === undefined || !covers(tree.most, needs)) return undefined;
  const before = firstCovering(tree.left, needs, accepts);
  if (before !== undefined) return before;
  if (covers(tree.amounts, needs) && accepts(tree.item)) return tree.item;
  return firstCovering(tree.right, needs, accepts);
}

function joined<T>(left: Tree<T>, right: Tree<T>): Tree<T> {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.lot > right.lot) {
    left.right = joined(left.right, right);
    return summed(left);
  }
  right.left = joined(left, right.left);
  return summed(right);
}

/** In place: this is done for each node on the way of each change. */
function summed<T>(node: Node<T>): Node<T> {
  const { amounts, most, left, right } = node;
  most.slots = amounts.slots;
  most.cpuMillis = amounts.cpuMillis;
  most.memoryBytes = amounts.memoryBytes;
  if (left !== undefined) raise(most, left.most);
  if (right !== undefined) raise(most, right.most);
  return node;
}

function raise(most: Amounts, other: Amounts): void {
  if (other.slots > most.slots) most.slots = other.slots;
  if (other.cpuMillis > most.cpuMillis) most.cpuMillis = other.cpuMillis;
  if (other.memoryBytes > most.memoryBytes) most.memoryBytes = other.memoryBytes;
}
