import {render} from 'preact';
import './style/main.css';
render(<h1>Marquee</h1>, document.getElementById('app'));
