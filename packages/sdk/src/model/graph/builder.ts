import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf';
import type { ShardTensor } from '../shard-plan.ts';

/** Operator set and format version that every graph of a split declares. */
const OPSET = 18n;
const IR_VERSION = 9n;
const MICROSOFT = 'com.microsoft';

type Dim = number | string;
/** A number is an integer attribute; a float must be wrapped, since JavaScript does not tell them apart. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface OpOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Names of the outputs; '' leaves an optional one out. Default: one, named by the builder. */
  readonly outputs?: readonly string[];
  readonly microsoft?: boolean;
}

/** Writes one ONNX graph. Every value is named; methods return the name to pass on. */
export interface GraphBuilder {
  /** Declares a float32 input; a text dimension is symbolic. */
  input(name: string, dims: readonly Dim[]): string;
  output(name: string, dims: readonly Dim[]): string;
  /** An int64 vector inside the graph. */
  int64(name: string, values: readonly number[]): string;
  /** A float32 weight outside the graph, in `location` relative to the bundle. */
  weight(location: string, tensor: ShardTensor): string;
  /** Adds an operator; returns its first output. */
  op(type: string, inputs: readonly string[], options?: OpOptions): string;
  /** The encoded model. */
  finish(): Uint8Array;
}

type GraphInit = MessageInitShape<typeof GraphProtoSchema> & {
  readonly node: MessageInitShape<typeof NodeProtoSchema>[];
  readonly initializer: MessageInitShape<typeof TensorProtoSchema>[];
  readonly input: MessageInitShape<typeof ValueInfoProtoSchema>[];
  readonly output: MessageInitShape<typeof ValueInfoProtoSchema>[];
};

/** Starts a graph called `name`. */
export function createGraph(name: string): GraphBuilder {
  const graph: GraphInit = { name, node: [], initializer: [], input: [], output: [] };
  return {
    input: (input, dims) => {
      graph.input.push(valueInfo(input, dims));
      return input;
    },
    output: (output, dims) => {
      graph.output.push(valueInfo(output, dims));
      return output;
    },
    int64: (vector, values) => {
      graph.initializer.push(int64Tensor(vector, values));
      return vector;
    },
    weight: (location, tensor) => {
      graph.initializer.push(externalTensor(location, tensor));
      return tensor.name;
    },
    op: (type, inputs, options = {}) => {
      const outputs = options.outputs ?? [`${type}.${graph.node.length}`];
      graph.node.push(operator(type, inputs, outputs, options));
      return outputs[0] ?? '';
    },
    finish: () => encode(graph),
  };
}

function encode(graph: GraphInit): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'rios',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: MICROSOFT, version: 1n },
    ],
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

function operator(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { attributes = {}, microsoft = false }: OpOptions,
): MessageInitShape<typeof NodeProtoSchema> {
  return {
    name: outputs[0] ?? opType,
    opType,
    domain: microsoft ? MICROSOFT : '',
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(attribute),
  };
}

function valueInfo(name: string, dims: readonly Dim[]): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = dims.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  };
}

function int64Tensor(name: string, values: readonly number[]): MessageInitShape<typeof TensorProtoSchema> {
  const rawData = new Uint8Array(8 * values.length);
  const view = new DataView(rawData.buffer);
  values.forEach((value, i) => {
    view.setBigInt64(8 * i, BigInt(value), true);
  });
  return { name, dataType: DataType.INT64, dims: [BigInt(values.length)], rawData };
}

function externalTensor(location: string, tensor: ShardTensor): MessageInitShape<typeof TensorProtoSchema> {
  return {
    name: tensor.name,
    dataType: DataType.FLOAT,
    dims: tensor.shape.map(BigInt),
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: String(tensor.offset) },
      { key: 'length', value: String(tensor.sizeBytes) },
    ],
  };
}

function attribute([name, value]: [string, Attribute]): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}
