/** What a task asks of the proplet that runs it. [E] */
import Type, { type Static } from "typebox";

export const Policy = Type.Union([
  Type.Literal("hybrid"),
  Type.Literal("least-loaded"),
  Type.Literal("round-robin"),
  Type.Literal("bin-pack"),
]);
export type Policy = Static<typeof Policy>;

/** A Kubernetes quantity: `2000m` or `2` of CPU, `4Gi` or `512M` of memory. */
const Quantity = Type.Union([Type.String(), Type.Number()]);

export const PlacementInput = Type.Object({
  /** How one of those that fit is chosen; the manager's own policy by default. */
  policy: Type.Optional(Policy),
  proplet_type: Type.Optional(
    Type.Union([Type.Literal("k8s"), Type.Literal("external"), Type.Literal("any")]),
  ),
  /** A proplet needs all of them. */
  tags: Type.Optional(Type.Array(Type.String())),
  /** A proplet is one of them. */
  device_types: Type.Optional(Type.Array(Type.String())),
  /** A proplet needs all of them. */
  capabilities: Type.Optional(Type.Array(Type.String())),
  /** What must be free on it, and is held for the task while it runs. */
  resources: Type.Optional(Type.Object({ cpu: Type.Optional(Quantity), memory: Type.Optional(Quantity) })),
});
export type PlacementInput = Static<typeof PlacementInput>;
