import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
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

/** Starts a graph called `graphName`. */
export function createGraph(graphName: string): GraphBuilder {
  const nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  const initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  const inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  const outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  return {
    input: (name, dims) => {
      inputs.push(valueInfo(name, dims));
      return name;
    },
    output: (name, dims) => {
      outputs.push(valueInfo(name, dims));
      return name;
    },
    int64: (name, values) => {
      initializers.push(int64Tensor(name, values));
      return name;
    },
    weight: (location, tensor) => {
      initializers.push(externalTensor(location, tensor));
      return tensor.name;
    },
    op: (type, from, options = {}) => {
      const to = [...(options.outputs ?? [`${type}.${nodes.length}`])];
      nodes.push({
        name: to[0] ?? type,
        opType: type,
        domain: options.microsoft ? MICROSOFT : '',
        input: [...from],
        output: to,
        attribute: Object.entries(options.attributes ?? {}).map(attribute),
      });
      return to[0] ?? '';
    },
    finish: () => {
      const model = create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'rios',
        opsetImport: [
          { domain: '', version: OPSET },
          { domain: MICROSOFT, version: 1n },
        ],
        graph: { name: graphName, node: nodes, initializer: initializers, input: inputs, output: outputs },
      });
      return toBinary(ModelProtoSchema, model);
    },
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
