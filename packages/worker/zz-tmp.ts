import { readManifest } from '@rios/sdk/model/bundle';
import { readFileSync } from 'node:fs';
import { createEngine } from './src/runtime/create-engine.ts';
const dir='/tmp/tiny-bundle-b';
const {manifest, modelHash}=await readManifest(dir);
let t=performance.now();
const engine=await createEngine({threads:1, log: console as any});
console.log('start', performance.now()-t); t=performance.now();
await engine.load({modelHash, manifest, directory: dir}, manifest.parts.map(p=>p.id) as any);
console.log('load', performance.now()-t, engine.numericClass);
const ref=JSON.parse(readFileSync('/work/main/examples/models/tiny-moe/reference.json','utf8'));
for (const c of ref.cases){
  const spec={sessionId:'ses_0000000000' as any, modelHash, from:0,to:4,first:true,hasNext:false,maxPositions:512,maxUnits:1e9,remote:[]};
  const s=await engine.openStage(spec,{} as any);
  const all=Array.from({length:4096},(_, i)=>i);
  const ev=await s.evaluate(c.ids, c.ids.map((_:any,i:number)=>i===c.ids.length-1?all:[c.topPerPosition[i]]));
  let lse=0, last=0, best=0;
  ev.positions.forEach((p,i)=>{lse=Math.max(lse,Math.abs(p.logSumExp-c.logSumExp[i])); if(p.best!==c.topPerPosition[i])best++});
  ev.positions.at(-1)!.logits.forEach((l,i)=>last=Math.max(last,Math.abs(l-c.lastLogits[i])));
  const w0=await s.close();
  const g=await engine.openStage(spec,{} as any);
  const ids:number[]=[]; let text='';
  const r=await g.generate({kind:'text',text:c.prompt},{maxTokens:c.greedy.length,temperature:0,topP:1,seed:0,stop:[],stopAtEos:false,logprobs:null,echo:false},AbortSignal.timeout(20000),(p)=>{ids.push(...p.ids);text+=p.text});
  const w=await g.close();
  console.log(c.name, {lse,last,best, same: JSON.stringify(ids)===JSON.stringify(c.greedy), tpot:(r.totalMs-r.ttftMs)/(r.completionTokens-1), ttft:r.ttftMs, busy:w.busyMs, units:w.units, chunks:w.chunks}, JSON.stringify(text).slice(0,100));
}
await engine.stop();
