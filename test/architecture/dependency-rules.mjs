// Direction: strategies -> dsl <- engine <- control; tests see all. See ARCHITECTURE.md.
const CORE = "^engine/(base|market|frame|decide|risk|execution|ledger|reload)/|^engine/[^/]+\\.ts$";
const PURE =
  "^dsl/|^engine/(base|market|frame|decide|risk|execution|ledger|reload|spot)/|^engine/[^/]+\\.ts$|^engine/feeds/simulated/";
const rule = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

export default {
  forbidden: [
    rule(
      "no-circular",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
      "A loop means that the design is wrong: fix the design",
    ),
    rule("not-to-unresolvable", {}, { couldNotResolve: true }, "The import names nothing"),
    rule(
      "dsl-is-a-leaf",
      { path: "^dsl/" },
      { pathNot: "^dsl/" },
      "dsl/ runs inside the sandbox too: no node:, no npm, nothing else of ours",
    ),
    rule(
      "guest-without-indicators",
      { path: "^dsl/(index|strategy|param|signal|input|config)\\.ts$|^dsl/inputs/" },
      { path: "^dsl/indicators/" },
      "Indicators run in the host: a strategy only declares them",
    ),
    rule(
      "strategies-to-dsl-only",
      { path: "^strategies/" },
      { pathNot: "^dsl/index\\.ts$|^strategies/" },
      "A strategy sees the DSL and its own folder",
    ),
    rule(
      "nobody-imports-strategies",
      { pathNot: "^strategies/" },
      { path: "^strategies/" },
      "Strategies are read, hashed and bundled, never linked",
    ),
    rule(
      "engine-not-to-control",
      { path: "^engine/" },
      { path: "^control/" },
      "The engine has no argv, no files of the operator, no terminal",
    ),
    rule(
      "core-sees-core-and-ports",
      { path: CORE },
      { pathNot: [CORE, "^dsl/", "^engine/[^/]+/port\\.ts$", "^engine/store/tables\\.ts$"] },
      "The core knows adapters by their ports only",
    ),
    rule(
      "pure-code-has-no-io",
      { path: PURE },
      { dependencyTypes: ["core", "npm", "npm-dev"] },
      "Time, randomness and IO come in as arguments",
    ),
    rule("base-is-a-leaf", { path: "^engine/base/" }, { pathNot: "^engine/base/" }, "base/ has no domain word in it"),
    rule(
      "market-is-before-decisions",
      { path: "^engine/market/" },
      { path: "^engine/(frame|decide|risk|execution|venues)/" },
      "Data flows one way: feed, market, frame, decide, risk, venue, ledger",
    ),
    rule(
      "adapters-do-not-know-each-other",
      { path: "^engine/(store|venues/[^/]+|feeds/[^/]+)/" },
      {
        path: "^engine/(sandbox|versions|store|venues/[^/]+|feeds/[^/]+)/",
        pathNot: ["^engine/$1/", "/port\\.ts$", "^engine/store/tables\\.ts$"],
      },
      "Adapters meet in control/run/",
    ),
    rule(
      "sandbox-knows-no-adapter",
      { path: "^engine/sandbox/" },
      { path: "^engine/(versions|store|venues|feeds)/", pathNot: "/port\\.ts$" },
      "Versions use the sandbox, not the other way round; nothing in it may reach a file, a venue or a socket",
    ),
    rule(
      "rehearsal-only-reads",
      { path: "^engine/rehearsal/" },
      {
        path: "^engine/(store|versions|venues|feeds)/",
        pathNot: [
          "/port\\.ts$",
          "^engine/store/(tables|schema|table-spec|read-rows|database|prune)\\.ts$",
          "^engine/feeds/modelled-market\\.ts$",
        ],
      },
      "A rehearsal reads what was recorded: it writes no ledger, makes no version and reaches no venue",
    ),
    rule(
      "rehearsal-is-asked-through-its-port",
      { pathNot: "^(engine/rehearsal|control|test)/" },
      { path: "^engine/rehearsal/", pathNot: "/port\\.ts$" },
      "Rehearsals stand beside trading: control/ puts them there",
    ),
    rule(
      "journal-is-apart-from-trading",
      { path: "^engine/journal/" },
      {
        path: "^engine/(sandbox|store|versions|venues|feeds|rehearsal|replay)/",
        pathNot: ["/port\\.ts$", "^engine/store/(tables|schema|table-spec|read-rows)\\.ts$"],
      },
      "What is written down says what happened, whatever it happened with",
    ),
    rule(
      "evidence-is-read-beside-trading",
      { pathNot: "^(engine/replay|control|test)/" },
      { path: "^engine/replay/" },
      "Nothing that trades waits for, or hears of, what is decided again",
    ),
    rule(
      "no-production-import-of-test",
      { pathNot: "^test/" },
      { path: "^test/" },
      "Tests see the product, not the other way round",
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
