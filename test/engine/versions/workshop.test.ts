import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { codeVersionOf, digestsOfEngine } from "../../../engine/versions/code-version.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { InThreadWorkshop } from "../../../engine/versions/workshop.ts";
import { WorkshopThread } from "../../../engine/versions/workshop-thread.ts";
import { workshopContract } from "../../contract/workshop.ts";
import { holding, temporaryFolder } from "./temporary-folder.ts";

workshopContract("in this thread", (options) => new InThreadWorkshop(options));
workshopContract("in a thread of its own", (options) => new WorkshopThread(options));
