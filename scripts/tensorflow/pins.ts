// What is installed unless told otherwise, with the checksums that the registries give for it.

import type { InstallationManifest } from "#engine/tensorflow/installation";

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** subresource integrity, as in a lock file */
  readonly integrity: string;
}

/** The package with the kernels and the sources of the binding. */
export const TFJS_NODE: NpmPackage = {
  name: "@tensorflow/tfjs-node-gpu",
  version: "4.22.0",
  integrity: "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
};

/** The only one of its dependencies that the kernels need. */
export const PROTOBUF: NpmPackage = {
  name: "google-protobuf",
  version: "3.21.4",
  integrity: "sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==",
};

/** Headers of Node-API, which node-gyp would download from nodejs.org. */
export const NODE_API_HEADERS: NpmPackage = {
  name: "node-api-headers",
  version: "1.9.0",
  integrity: "sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==",
};

/** The TensorFlow that this project is tested with. */
export const TENSORFLOW_VERSION = "2.21.0";

/** The last library whose download the package itself knows; mirrors hold this one. */
export const MIRROR_VERSION = "2.9.1";

/** sha256 of wheels, by `name version architecture`; other versions are checked against what the index says. */
export const WHEELS: Readonly<Record<string, string>> = {
  "tensorflow-cpu 2.21.0 x64": "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  "tensorflow 2.21.0 x64": "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
  "tensorflow 2.21.0 arm64": "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
};

export type Source = InstallationManifest["tensorflow"]["source"];
