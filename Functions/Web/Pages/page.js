const by=id=>document.getElementById(id),code=by('access-code');
if(code){
  const left=by('left'),bar=by('bar'),say=by('say'),copy=by('copy'),over=by('over'),end=Date.now()+bar.value*1000,label=copy.lastChild.data;
  let said=Infinity;
  const show=()=>{
    const s=Math.max(0,Math.ceil((end-Date.now())/1000)),text=Math.floor(s/60)+':'+String(s%60).padStart(2,'0');
    left.textContent=text;
    bar.value=s;
    const next=[10,30,60,120,180,240].find(mark=>s<=mark);
    if(s>0&&next<said){said=next;say.textContent=say.dataset.left.replace('{0}',text)}
    if(s===0){
      clearInterval(clock);
      const held=by('live').contains(document.activeElement),h1=document.querySelector('h1');
      by('live').hidden=true;over.hidden=false;
      document.title=document.title.replace(h1.textContent,over.dataset.said);
      h1.textContent=say.textContent=over.dataset.said;
      if(held)over.querySelector('a')?.focus();
    }
  };
  const clock=setInterval(show,1000);
  document.addEventListener('visibilitychange',show);
  copy.hidden=false;
  copy.addEventListener('click',async()=>{
    // Without https there is no clipboard: the player copies what is selected.
    let done=copy.dataset.selected;
    try{
      await navigator.clipboard.writeText(code.textContent);
      done=copy.dataset.copied;
    }catch{getSelection().selectAllChildren(code)}
    copy.lastChild.data=say.textContent=done;
    setTimeout(()=>{copy.lastChild.data=label;say.textContent=''},3000);
  });
}
const accept=by('accept');
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
