import { expect, test } from "vitest";
import { instrumented } from "./instrument.ts";

const COUNTED = "countMultiplyAdds_(length(saturate(abs(";

/** The lines of a program's body with counters. */
function body(...lines: string[]): string[] {
  const code = instrumented(`fn main() {\n${lines.join("\n")}\n}`);
  return code.slice(code.indexOf("fn main() {\n") + 12, code.indexOf("\n\n  atomicAdd")).split("\n");
}

test("accumulated products and scalings are counted, whatever is multiplied to find their place is not", () => {
  const [product, scaling, sum, place, call] = body(
    "c0_0 += a0.x * b0;",
    "tile[t * 4 + q] *= r;",
    "sum += x[at];",
    "sum += decay[(g * params.N + i) * 64 + channel];",
    "weight += f(a * b);",
  );
  expect(product).toBe(`c0_0 += a0.x * b0; ${COUNTED}c0_0) + 1.0)));`);
  expect(scaling).toBe(`tile[t * 4 + q] *= r; ${COUNTED}tile[t * 4 + q]) + 1.0)));`);
  expect([sum, place, call]).toEqual([
    "sum += x[at];",
    "sum += decay[(g * params.N + i) * 64 + channel];",
    "weight += f(a * b);",
  ]);
});

test("exponentials count the components of their argument, inner products four; sums of components are none", () => {
  const [exponential, inner, sum] = body(
    "p = exp(g - max(a, b));",
    "s = dot(read(row, 1), b);",
    "s = dot(o, vec4<f32>(1.0));",
  );
  expect(exponential).toBe("p = exp(g - max(a, b) + countExponentials_(length(saturate(abs(g - max(a, b)) + 1.0))));");
  expect(inner).toBe("s = (dot(read(row, 1), b) + countDot_());");
  expect(sum).toBe("s = dot(o, vec4<f32>(1.0));");
});

test("counts are added up once at the end of the program", () => {
  const code = instrumented("fn f() -> f32 { return 1.0; }\nfn main() {\n  if (done) { return; }\n  y = f();\n}");
  expect(code.match(/atomicAdd/g)).toHaveLength(2);
  expect(code.trimEnd().endsWith("atomicAdd(&counts_[1], exponentials_);\n}")).toBe(true);
});
