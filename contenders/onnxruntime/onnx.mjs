// Writes small ONNX models: what of the format (onnx.proto3) the graphs of this folder need.

/** `Writer` of protobufjs. @returns the bytes of a model */
export function encodeModel(Writer, { inputs, outputs, nodes, constants = {} }) {
  const message = (writer, field, write) => {
    writer.uint32((field << 3) | 2).fork();
    write(writer);
    return writer.ldelim();
  };
  const text = (writer, field, value) => writer.uint32((field << 3) | 2).string(value);
  const integer = (writer, field, value) => writer.uint32(field << 3).int64(value);

  const valueInfo = (name) => (writer) => {
    text(writer, 1, name);
    // TypeProto.tensor_type.elem_type = float; the shape is left open.
    message(writer, 2, (type) => message(type, 1, (tensor) => integer(tensor, 1, 1)));
  };
  const constant =
    (name, { dims, ints, floats }) =>
    (writer) => {
      for (const dim of dims) integer(writer, 1, dim);
      integer(writer, 2, ints === undefined ? 1 : 7);
      const values = ints === undefined ? Float32Array.from(floats) : BigInt64Array.from(ints, BigInt);
      writer.uint32((9 << 3) | 2).bytes(new Uint8Array(values.buffer));
      text(writer, 8, name);
    };
  const attribute = (name, value) => (writer) => {
    text(writer, 1, name);
    if (typeof value === "string") text(writer, 4, value);
    else if (Array.isArray(value)) for (const item of value) integer(writer, 8, item);
    else if (value.int !== undefined) integer(writer, 3, value.int);
    else writer.uint32((2 << 3) | 5).float(value.float);
    const type = typeof value === "string" ? 3 : Array.isArray(value) ? 7 : value.int !== undefined ? 2 : 1;
    integer(writer, 20, type);
  };
  const node =
    ({ op, from, to, domain, attributes = {} }) =>
    (writer) => {
      for (const name of from) text(writer, 1, name);
      for (const name of to) text(writer, 2, name);
      text(writer, 4, op);
      for (const [name, value] of Object.entries(attributes)) message(writer, 5, attribute(name, value));
      if (domain !== undefined) text(writer, 7, domain);
    };
  const graph = (writer) => {
    for (const one of nodes) message(writer, 1, node(one));
    text(writer, 2, "graph");
    for (const [name, value] of Object.entries(constants)) message(writer, 5, constant(name, value));
    for (const name of inputs) message(writer, 11, valueInfo(name));
    for (const name of outputs) message(writer, 12, valueInfo(name));
  };
  const opset = (domain, version) => (writer) => {
    text(writer, 1, domain);
    integer(writer, 2, version);
  };
  const model = Writer.create();
  integer(model, 1, 10); // ir_version
  message(model, 7, graph);
  message(model, 8, opset("", 21));
  message(model, 8, opset("com.microsoft", 1));
  return model.finish();
}
