// Evaluated in every sandbox after the reader and before the strategy. It removes what would make decisions differ from
// run to run (clocks, randomness, shared memory, garbage-collection hooks), what makes code out of text, what would detach
// the frame, and what rewrites stacks; and it bounds natives whose loops never ask whether the fuel is spent. Nothing is
// frozen: prototypes stay ordinary, so subclasses, own properties and patches of a strategy's work as anywhere; what must
// not be fooled, the reader, has its natives by now. The guard keeps mistakes short; what contains a hang is the worker: a
// length that is another one when it is asked again gets past every bound here.
((global) => {
  const ARRAY_LENGTH_MAX = 100_000;
  /** Of one concat() or flat(), all its arrays together. */
  const ELEMENTS_MAX = 500_000;
  const STRING_LENGTH_MAX = 10_000;
  /** Length of the text times that of what is looked for in it. */
  const SEARCH_MAX = 4_000_000;
  const JSON_LENGTH_MAX = 100_000;
  const JSON_KEYS_MAX = 1000;
  const { apply } = Reflect;
  const { isArray } = Array;
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const typedArray = getPrototypeOf(Float64Array);

  /** Replaces a method by one that checks first: same name, length and attributes, so it looks like the native it wraps. */
  const before = (owner, names, check) => {
    for (const name of names) {
      const descriptor = getOwnPropertyDescriptor(owner, name);
      const native = descriptor.value;
      const { [name]: bounded } = {
        [name](...args) {
          check(this, args);
          return apply(native, this, args);
        },
      };
      defineProperty(bounded, "length", { value: native.length, configurable: true });
      defineProperty(owner, name, { ...descriptor, value: bounded });
    }
  };
  const atMost = (length, max, what) => {
    if (length > max) throw new RangeError(`Cannot work on ${what} of length ${length}: at most ${max} here`);
  };
  const arrayLength = (value) => {
    const length = value?.length;
    if (length === undefined || (typeof length === "number" && length <= ARRAY_LENGTH_MAX)) return;
    atMost(typeof length === "number" ? length : Infinity, ARRAY_LENGTH_MAX, "an array");
  };
  const firstArrayLength = (_, args) => arrayLength(args[0]);
  const stringLength = (value) => {
    if (typeof value === "string") atMost(value.length, STRING_LENGTH_MAX, "a string");
  };
  const stringLengths = (text, args) => {
    stringLength(text);
    for (let i = 0; i < args.length; i++) stringLength(args[i]);
  };

  before(
    Array.prototype,
    // biome-ignore format: one list
    ["with", "fill", "indexOf", "lastIndexOf", "includes", "join", "toLocaleString", "shift", "unshift",
      "reverse", "toReversed", "sort", "toSorted", "slice", "splice", "toSpliced", "copyWithin"],
    arrayLength,
  );
  // Their callbacks are not asked about holes.
  before(
    Array.prototype,
    ["every", "some", "forEach", "map", "filter", "reduce", "reduceRight", "flatMap"],
    arrayLength,
  );
  before(Array.prototype, ["concat"], (array, others) => {
    let length = 0;
    for (let i = -1; i < others.length; i++) {
      const one = i === -1 ? array : others[i];
      if (one === null || typeof one !== "object") continue;
      arrayLength(one);
      length += one.length ?? 0;
    }
    atMost(length, ELEMENTS_MAX, "arrays");
  });
  /** Goes the way of flat(), which has no end where nests hold the same array again and again; here that costs fuel. */
  const flatLength = (array, depth, sofar) => {
    let length = sofar + array.length;
    atMost(length, ELEMENTS_MAX, "nested arrays");
    if (depth < 1) return length;
    for (let i = 0; i < array.length; i++) if (isArray(array[i])) length = flatLength(array[i], depth - 1, length);
    return length;
  };
  before(Array.prototype, ["flat"], (array, args) => {
    arrayLength(array);
    if (isArray(array)) flatLength(array, args[0] === undefined ? 1 : Number(args[0]), 0);
  });
  before(Array, ["from"], firstArrayLength);
  before(typedArray, ["from"], firstArrayLength);
  before(typedArray.prototype, ["set"], firstArrayLength);
  before(typedArray.prototype, ["sort", "toSorted", "join", "toLocaleString"], arrayLength);
  before(Iterator.prototype, ["drop"], (_, args) => atMost(Number(args[0]), ARRAY_LENGTH_MAX, "an iterator"));

  before(String.prototype, ["repeat"], (text, args) => {
    if (typeof text === "string") atMost(text.length * Number(args[0]), STRING_LENGTH_MAX, "a string");
  });
  before(String.prototype, ["padStart", "padEnd"], (_, args) => atMost(Number(args[0]), STRING_LENGTH_MAX, "a string"));
  before(
    String.prototype,
    ["indexOf", "lastIndexOf", "includes", "split", "match", "matchAll", "search", "replace", "replaceAll"],
    (text, args) => {
      stringLengths(text, args);
      if (typeof text !== "string" || typeof args[0] !== "string") return;
      if (text.length * args[0].length > SEARCH_MAX) {
        throw new RangeError(
          `Cannot look for a string of length ${args[0].length} in one of length ${text.length}: their product is at most ${SEARCH_MAX} here`,
        );
      }
    },
  );
  before(
    String.prototype,
    ["normalize", "localeCompare", "toLowerCase", "toUpperCase", "toLocaleLowerCase", "toLocaleUpperCase"],
    stringLengths,
  );
  before(RegExp, ["escape"], stringLengths);
  before(String, ["raw"], (_, args) => arrayLength(args[0]?.raw));
  before(
    global,
    ["encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent", "escape", "unescape"],
    stringLengths,
  );
  before(JSON, ["parse"], (_, args) => {
    if (typeof args[0] === "string") atMost(args[0].length, JSON_LENGTH_MAX, "a JSON text");
  });
  const asItIs = (_key, value) => value;
  before(JSON, ["stringify"], (_, args) => {
    if (isArray(args[1])) atMost(args[1].length, JSON_KEYS_MAX, "a list of keys");
    // A function is called for each value, which costs fuel.
    else if (typeof args[1] !== "function") args[1] = asItIs;
  });

  const remove = (owner, names) => {
    for (const name of names) delete owner[name];
  };
  remove(global, ["eval", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance"]);
  remove(global, ["BigInt", "BigInt64Array", "BigUint64Array", "queueMicrotask"]);
  // The only other ways to a BigInt, whose arithmetic takes seconds, are literals: those are refused at bundle time.
  remove(DataView.prototype, ["getBigInt64", "getBigUint64", "setBigInt64", "setBigUint64"]);
  remove(ArrayBuffer.prototype, ["transfer", "transferToFixedLength", "transferToImmutable", "resize"]);
  // Where an engine has these, what is assigned cuts or rewrites the stacks that faults are located by.
  remove(Error, ["stackTraceLimit", "prepareStackTrace"]);

  const absent = (name, instead) =>
    function absent() {
      throw new Error(`Cannot use ${name}: ${instead}`);
    };
  const hide = (owner, name, value) => defineProperty(owner, name, { value, writable: true, configurable: true });

  const pure = "a decision must be the same for the same frame";
  hide(Math, "random", absent("Math.random", pure));
  const NoDate = absent("Date", `${pure}; time is in window.secondsLeft and position.secondsHeld`);
  for (const name of ["now", "parse", "UTC"]) hide(NoDate, name, NoDate);
  hide(global, "Date", NoDate);

  const NoFunction = absent("Function", "a strategy cannot make code out of text");
  NoFunction.prototype = Function.prototype;
  hide(global, "Function", NoFunction);
  const makers = [() => {}, function* () {}, async () => {}, async function* () {}];
  for (const maker of makers) hide(getPrototypeOf(maker), "constructor", NoFunction);
})(globalThis);
