const code=document.getElementById('access-code');
if(code){
  const by=id=>document.getElementById(id),left=by('left'),say=by('say'),copy=by('copy'),over=by('over'),end=Date.now()+left.dataset.seconds*1000;
  let said=Infinity;
  const show=()=>{
    const s=Math.max(0,Math.ceil((end-Date.now())/1000)),text=Math.floor(s/60)+':'+String(s%60).padStart(2,'0');
    left.textContent=text;
    const next=[10,30,60,120,180,240].find(mark=>s<=mark);
    if(s>0&&next<said){said=next;say.textContent=say.dataset.left.replace('{0}',text)}
    if(s===0){
      clearInterval(clock);
      const held=by('live').contains(document.activeElement);
      by('live').hidden=true;over.hidden=false;
      document.title=document.querySelector('h1').textContent=say.textContent=over.dataset.said;
      if(held)over.querySelector('a')?.focus();
    }
  };
  const clock=setInterval(show,1000);
  document.addEventListener('visibilitychange',show);
  if(navigator.clipboard){
    const label=copy.textContent;
    copy.hidden=false;
    copy.addEventListener('click',async()=>{
      try{
        await navigator.clipboard.writeText(code.textContent);
        copy.textContent=say.textContent=copy.dataset.done;
        setTimeout(()=>{copy.textContent=label;say.textContent=''},3000);
      }catch{getSelection().selectAllChildren(code)}
    });
  }
}
const accept=document.getElementById('accept');
if(accept){
  // Who came by a link is not to read the code in the address bar.
  const link=accept.form.elements.link;
  if(link)history.replaceState(null,'','?link='+encodeURIComponent(link.value));
  let timer;
  const arm=()=>{
    clearTimeout(timer);
    accept.disabled=true;
    if(!document.hidden)timer=setTimeout(()=>{accept.disabled=false},1000);
  };
  document.addEventListener('visibilitychange',arm);
  for(const event of ['focus','blur','pageshow'])addEventListener(event,arm);
  arm();
}
