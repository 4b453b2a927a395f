const list=document.getElementById('sign-ins');
new EventSource('/dev/events').onmessage=event=>{
  const open=[...list.querySelectorAll('details[open]')].map(details=>details.id);
  list.innerHTML=JSON.parse(event.data);
  for(const id of open){const details=document.getElementById(id);if(details)details.open=true}
};
document.addEventListener('click',async event=>{
  const text=event.target.dataset?.copy;
  if(!text)return;
  await navigator.clipboard.writeText(text);
  const label=event.target.textContent;
  event.target.textContent='Copied';
  setTimeout(()=>{event.target.textContent=label},2000);
});
