// Evaluated in every sandbox after the reader and before the strategy. It removes what would make decisions differ from run to run (clocks, randomness,
// shared memory, garbage-collection hooks), what makes code out of text, and what would detach the frame; and it bounds
// natives whose loops never ask whether the fuel is spent. Nothing is frozen: prototypes stay ordinary, so subclasses,
// own properties and patches of a strategy's work as anywhere; what must not be fooled, the reader, has its natives by now.
// The guard keeps mistakes short; what contains a hang is the worker.
((global) => {
  const ARRAY_LENGTH_MAX = 100_000;
  const STRING_LENGTH_MAX = 10_000;
  const JSON_LENGTH_MAX = 100_000;
  const { apply } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;

  /** Replaces a method by one that checks first: same name, length and attributes, so it looks like the native it wraps. */
  const before = (owner, names, check) => {
    for (const name of names) {
      const descriptor = getOwnPropertyDescriptor(owner, name);
      const native = descriptor.value;
      const { [name]: bounded } = {
        [name](...args) {
          check(this, args, name);
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
    if (value !== null && typeof value === "object") atMost(value.length, ARRAY_LENGTH_MAX, "an array");
  };
  const stringLength = (value) => {
    if (typeof value === "string") atMost(value.length, STRING_LENGTH_MAX, "a string");
  };

  before(
    Array.prototype,
    // biome-ignore format: one list
    ["with", "fill", "indexOf", "lastIndexOf", "includes", "join", "toLocaleString", "shift", "unshift",
      "reverse", "toReversed", "sort", "toSorted", "slice", "splice", "toSpliced", "copyWithin", "flat"],
    arrayLength,
  );
  before(Array.prototype, ["concat"], (array, others) => {
    arrayLength(array);
    for (let i = 0; i < others.length; i++) arrayLength(others[i]);
  });
  before(Array, ["from"], (_, [source]) => arrayLength(source));
  before(getPrototypeOf(Float64Array.prototype), ["sort", "toSorted"], arrayLength);

  before(String.prototype, ["repeat"], (text, [count]) => {
    if (typeof text === "string") atMost(text.length * Number(count), STRING_LENGTH_MAX, "a string");
  });
  before(String.prototype, ["padStart", "padEnd"], (_, [length]) =>
    atMost(Number(length), STRING_LENGTH_MAX, "a string"),
  );
  before(
    String.prototype,
    // biome-ignore format: one list
    ["indexOf", "lastIndexOf", "includes", "split", "match", "matchAll", "search", "replace", "replaceAll", "normalize",
      "localeCompare", "toLowerCase", "toUpperCase", "toLocaleLowerCase", "toLocaleUpperCase"],
    (text, args) => {
      stringLength(text);
      for (let i = 0; i < args.length; i++) stringLength(args[i]);
    },
  );
  before(
    global,
    ["encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent", "escape", "unescape"],
    (_, [text]) => stringLength(text),
  );
  before(JSON, ["parse"], (_, [text]) => {
    if (typeof text === "string") atMost(text.length, JSON_LENGTH_MAX, "a JSON text");
  });

  const remove = (owner, names) => {
    for (const name of names) delete owner[name];
  };
  remove(global, ["eval", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance"]);
  remove(global, ["BigInt", "BigInt64Array", "BigUint64Array", "queueMicrotask"]);
  remove(ArrayBuffer.prototype, ["transfer", "transferToFixedLength", "resize"]);

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
