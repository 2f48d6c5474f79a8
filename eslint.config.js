import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** AssemblyScript: TypeScript's grammar with decorators where TypeScript has none, and another language's rules. */
const ASSEMBLY = "src/engine/wasm/assembly/**";

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "dist.building-*/",
      ".tensorflow/",
      "node_modules/",
      "results/",
      "scripts/check-additions/",
      "coverage/",
    ],
  },
  { ...js.configs.recommended, ignores: [ASSEMBLY] },
  {
    files: [ASSEMBLY],
    languageOptions: { parser: tseslint.parser, parserOptions: { allowInvalidAST: true } },
    rules: { eqeqeq: "error" },
  },
  {
    files: ["**/*.ts"],
    ignores: [ASSEMBLY],
    extends: [...tseslint.configs.strict],
    rules: {
      // Index access is checked by noUncheckedIndexedAccess; inner loops state their bounds with `!`.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Named exports only." }],
      // The wall clock steps (suspend, NTP): a difference of its times is no duration.
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Use a Clock: now() is monotonic." },
      ],
      "max-params": ["error", 4],
      complexity: ["error", 20],
      eqeqeq: "error",
    },
  },
  { files: ["**/*.{ts,mjs,js}"], rules: { "max-lines": ["error", 400] } },
  // Functions that still branch more often. This list may only shrink.
  {
    files: [
      "src/engine/webgpu/wgsl/matrix-scan.ts",
      "src/ops/multiplicative/declaration.ts",
      "src/ops/vectors.ts",
      "src/report/charts/quantity.ts",
      "src/report/csv.ts",
    ],
    rules: { complexity: "off" },
  },
  { files: ["src/testing/fixture-records.ts"], rules: { "max-lines": "off" } },
  {
    files: ["eslint.config.js", "vitest.config.ts", ".dependency-cruiser.mjs"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.mjs", "bin/*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        Buffer: "readonly",
        performance: "readonly",
      },
    },
  },
);
